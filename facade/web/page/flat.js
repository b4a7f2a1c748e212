// The facade as a plan: every pixel a flat patch of its own colour. Needs no WebGL.

const LONGER_PX = 640;

export class FlatView {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
  }

  // quads: Float32Array, six numbers a pixel; see docs/page.md.
  build(quads, scene) {
    const [x0, y0, x1, y1] = scene.uniforms.u_lit;
    const margin = 0.04 * Math.max(x1 - x0, y1 - y0);
    const left = x0 - margin, top = y1 + margin;
    const width = x1 - x0 + 2 * margin, height = y1 - y0 + 2 * margin;
    const scale = LONGER_PX / Math.max(width, height);
    const w = Math.max(1, Math.round(width * scale)), h = Math.max(1, Math.round(height * scale));
    this.canvas.width = w;
    this.canvas.height = h;
    this.image = this.context.createImageData(w, h);
    new Uint32Array(this.image.data.buffer).fill(0xff0f0b0a);
    this.owner = new Int32Array(w * h).fill(-1);
    const [px, py] = scene.uniforms.u_pitch;
    for (let i = 0; i < quads.length / 6; i += 1) {
      // Pixels smaller than the plan can show grow to their share of the wall, up to a gap.
      const halfX = Math.max(quads[i * 6 + 3], Math.min(px * 0.86, 9 / scale)) * 0.5;
      const halfY = Math.max(quads[i * 6 + 4], Math.min(py * 0.86, 9 / scale)) * 0.5;
      const cx = quads[i * 6], cy = quads[i * 6 + 1];
      const a = Math.max(0, Math.floor((cx - halfX - left) * scale)), b = Math.min(w, Math.max(Math.floor((cx + halfX - left) * scale), a + 1));
      const c = Math.max(0, Math.floor((top - cy - halfY) * scale)), d = Math.min(h, Math.max(Math.floor((top - cy + halfY) * scale), c + 1));
      for (let y = c; y < d; y += 1) this.owner.fill(i, y * w + a, y * w + b);
    }
  }

  draw(bytes) {
    if (!this.image) return;
    const { data } = this.image;
    const { owner } = this;
    for (let i = 0; i < owner.length; i += 1) {
      const from = owner[i] * 3;
      if (from < 0) continue;
      // A dark pixel still shows that it is there.
      const lit = Math.max(bytes[from], bytes[from + 1], bytes[from + 2]) > 20;
      data[i * 4] = lit ? bytes[from] : 18;
      data[i * 4 + 1] = lit ? bytes[from + 1] : 20;
      data[i * 4 + 2] = lit ? bytes[from + 2] : 26;
    }
    this.context.putImageData(this.image, 0, 0);
  }
}
