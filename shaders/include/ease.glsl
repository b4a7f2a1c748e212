// ease.glsl: time and shape of movement. Every function is a handful of instructions.

// Slow in, slow out. x: any, clamped to 0..1. Returns 0..1, first and second derivative 0 at both ends.
float ease_in_out(float x) {
    x = clamp(x, 0.0, 1.0);
    return x * x * x * (x * (x * 6.0 - 15.0) + 10.0);
}

// Starts at rest. x clamped to 0..1. Returns 0..1.
float ease_in(float x) {
    x = clamp(x, 0.0, 1.0);
    return x * x * x;
}

// Comes to rest. x clamped to 0..1. Returns 0..1.
float ease_out(float x) {
    x = 1.0 - clamp(x, 0.0, 1.0);
    return 1.0 - x * x * x;
}

// A breath: 0..1..0 over period_s seconds, resting a little longer at the bottom. Returns 0..1.
float breath(float time_s, float period_s) {
    float wave = 0.5 - 0.5 * cos(6.28318530718 * time_s / max(period_s, 1.0e-3));
    return wave * wave * (1.6 - 0.6 * wave);
}

// A wave without trigonometry: like a cosine but a third of its cost. turns: any; repeats every 1. Returns -1..1, 1 at 0.
float soft_wave(float turns) {
    float x = abs(fract(turns) - 0.5) * 2.0;
    return x * x * (6.0 - 4.0 * x) - 1.0;
}

// What a trigger causes: rises over rise_s, falls over about fall_s, and is 0 long after. Returns 0..1.
// since_s: seconds since the trigger was fired, as the parameter's uniform gives it. Choose rise_s of 1 or more: the
// swell begins so gently that a trigger hit many times a second leaves the light almost still instead of flashing.
float pulse(float since_s, float rise_s, float fall_s) {
    float rise = ease_in_out(since_s / max(rise_s, 1.0e-3));
    return rise * exp(-max(since_s - rise_s, 0.0) / max(fall_s, 1.0e-3));
}

// A saw that never jumps: goes 0..1 while x goes n..n+1, standing still for the part hold (0..1) of each step.
// Returns floor(x) plus 0..1, so that it can count steps.
float stepped(float x, float hold) {
    float whole = floor(x);
    return whole + ease_in_out((x - whole - hold) / max(1.0 - hold, 1.0e-3));
}
