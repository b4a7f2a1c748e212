/*{
    "ISFVSN": "2",
    "DESCRIPTION": "Brings layers into one mood: hue, warmth, saturation, depth of the darks, a colour over all.",
    "CREDIT": "facade",
    "CATEGORIES": ["Color Adjustment"],
    "INPUTS": [
        { "NAME": "inputImage", "TYPE": "image" },
        { "NAME": "hue", "TYPE": "float", "LABEL": "Hue (turns)", "MIN": -0.5, "MAX": 0.5, "DEFAULT": 0.0, "IDENTITY": 0.0 },
        { "NAME": "warmth", "TYPE": "float", "LABEL": "Warmth", "MIN": -1.0, "MAX": 1.0, "DEFAULT": 0.25, "IDENTITY": 0.0 },
        { "NAME": "chroma", "TYPE": "float", "LABEL": "Saturation", "MIN": 0.0, "MAX": 2.0, "DEFAULT": 0.9, "IDENTITY": 1.0 },
        { "NAME": "depth", "TYPE": "float", "LABEL": "Depth of the darks", "MIN": 0.5, "MAX": 2.5, "DEFAULT": 1.15, "IDENTITY": 1.0 },
        { "NAME": "level", "TYPE": "float", "LABEL": "Level", "MIN": 0.0, "MAX": 1.0, "DEFAULT": 1.0, "IDENTITY": 1.0 },
        { "NAME": "tint", "TYPE": "color", "LABEL": "Tint", "DEFAULT": [1.0, 0.82, 0.62, 0.0] }
    ]
}*/
#include "colour.glsl"

const float TAU = 6.2831853;
const vec3 WARMER = vec3(0.22, 0.0, -0.30);  // powers of e a full step of warmth moves red, green and blue

// Turn the hue about the grey axis; brightness of greys stays.
vec3 turned(vec3 light, float turns) {
    const vec3 GREY = vec3(0.57735027);
    float c = cos(TAU * turns), s = sin(TAU * turns);
    return max(light * c + cross(GREY, light) * s + GREY * dot(GREY, light) * (1.0 - c), 0.0);
}

void main() {
    vec4 seen = IMG_THIS_PIXEL(inputImage);
    vec3 light = srgb_to_linear(seen.rgb);
    light = turned(light, hue);
    light = saturation(light, chroma) * exp(WARMER * warmth);
    light = mix(light, luminance(light) * srgb_to_linear(tint.rgb) * 1.4, tint.a);
    // Depth bends brightness alone, so that colours do not wander.
    float bright = max(luminance(light), 1.0e-5);
    light *= pow(min(bright, 1.0), depth - 1.0) * level;
    gl_FragColor = vec4(linear_to_srgb(light), seen.a);
}
