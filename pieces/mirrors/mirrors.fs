/*{
    "ISFVSN": "2",
    "DESCRIPTION": "Folds a picture about a point: a mirror with one fold, a kaleidoscope with more. It can turn, slowly.",
    "CREDIT": "facade",
    "CATEGORIES": ["Tile Effect"],
    "INPUTS": [
        { "NAME": "inputImage", "TYPE": "image" },
        { "NAME": "folds", "TYPE": "long", "LABEL": "Folds", "MIN": 1, "MAX": 8, "DEFAULT": 3 },
        { "NAME": "centre", "TYPE": "point2D", "LABEL": "Centre", "MIN": [0.0, 0.0], "MAX": [1.0, 1.0], "DEFAULT": [0.5, 0.5] },
        { "NAME": "angle", "TYPE": "float", "LABEL": "Angle (turns)", "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.0 },
        { "NAME": "turns_a_minute", "TYPE": "float", "LABEL": "Turns a minute", "MIN": -2.0, "MAX": 2.0, "DEFAULT": 0.25 },
        { "NAME": "zoom", "TYPE": "float", "LABEL": "Zoom", "MIN": 0.5, "MAX": 3.0, "DEFAULT": 1.2 }
    ]
}*/

const float TAU = 6.2831853;

// Back into 0..1 as between two mirrors, so that no edge of the picture shows.
vec2 reflected(vec2 uv) { return 1.0 - abs(1.0 - mod(uv, 2.0)); }

void main() {
    vec2 shape = RENDERSIZE / RENDERSIZE.y;
    vec2 from = (isf_FragNormCoord - centre) * shape;
    float wedge = TAU / float(2 * folds);
    float turn = TAU * (angle + turns_a_minute * TIME / 60.0);
    float around = atan(from.y, from.x) - turn;
    // Every second wedge runs backwards: they meet without a seam.
    around = abs(mod(around, 2.0 * wedge) - wedge) + turn;
    vec2 folded = length(from) / zoom * vec2(cos(around), sin(around));
    gl_FragColor = IMG_NORM_PIXEL(inputImage, reflected(centre + folded / shape));
}
