// Shows one picture on a wall of another shape. The picture is linear light with straight alpha by the time it is read.

const int COVER = 0;
const int CONTAIN = 1;

vec4 piece(vec2 uv) {
    vec2 size = vec2(textureSize(picture, 0));
    // How much wider the picture is than the wall, both taken as high as each other.
    float wider = (size.x / size.y) / (u_size_m.x / u_size_m.y);
    vec2 shown = vec2(1.0);
    if (fit == COVER) shown = vec2(min(1.0, 1.0 / wider), min(1.0, wider));
    if (fit == CONTAIN) shown = vec2(max(1.0, 1.0 / wider), max(1.0, wider));
    // The place in focus comes to the middle, as far as the picture reaches.
    vec2 anchor = fit == COVER ? clamp(focus - 0.5 * shown, vec2(0.0), 1.0 - shown) : 0.5 * (1.0 - shown);
    vec2 at = anchor + uv * shown;
    bool inside = all(greaterThanEqual(at, vec2(0.0))) && all(lessThanEqual(at, vec2(1.0)));
    return inside ? texture(picture, at) : vec4(0.0, 0.0, 0.0, 1.0);
}
