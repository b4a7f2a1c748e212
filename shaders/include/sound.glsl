// sound.glsl: what a parameter of type audio with form = "levels" holds. Every function reads one texel.
// Levels are 0 at -60 dB and 1 at full scale. They rise within 20 ms and fall within 250 ms; the slow ones take 0.7 s and 2.5 s.

// How loud it is now, in all and in three bands: bass 20..250 Hz, mid ..2 kHz, treble ..12 kHz. Returns 0..1.
float sound_level(sampler2D sound) { return texelFetch(sound, ivec2(0, 0), 0).r; }
float sound_bass(sampler2D sound) { return texelFetch(sound, ivec2(1, 0), 0).r; }
float sound_mid(sampler2D sound) { return texelFetch(sound, ivec2(2, 0), 0).r; }
float sound_treble(sampler2D sound) { return texelFetch(sound, ivec2(3, 0), 0).r; }

// The same as a slow swell, for brightness: light that follows the fast ones flickers. Returns 0..1.
float slow_level(sampler2D sound) { return texelFetch(sound, ivec2(4, 0), 0).r; }
float slow_bass(sampler2D sound) { return texelFetch(sound, ivec2(5, 0), 0).r; }
float slow_mid(sampler2D sound) { return texelFetch(sound, ivec2(6, 0), 0).r; }
float slow_treble(sampler2D sound) { return texelFetch(sound, ivec2(7, 0), 0).r; }

// Seconds since something began to sound, and since the last beat in the bass. Returns 0 or more, 1,000,000 before the first.
float since_onset(sampler2D sound) { return texelFetch(sound, ivec2(8, 0), 0).r; }
float since_beat(sampler2D sound) { return texelFetch(sound, ivec2(9, 0), 0).r; }

// Time that runs as fast as it is loud: seconds times level. Use it for what sound shall move: it never jumps and rests in
// silence. Begins again after 16,384. Returns 0 or more.
float sound_drive(sampler2D sound) { return texelFetch(sound, ivec2(10, 0), 0).r; }
