// The street view in WebGL2. The shaders and the passes are those of simulator/street.py; only the first lines differ.

const PRELUDE = "#version 300 es\nprecision highp float;\nprecision highp int;\nprecision highp sampler2D;\n";
const ROW = 1024; // texels a row of the textures that carry the pixels' places and colours
const PICTURE = 0, LIGHT_MAP = 1, MASK = 2;
const MOST_PX = 1280 * 720;
const LEAST_SCALE = 0.3;
const SLOW_MS = 45; // a drawing that takes longer makes the picture coarser
const FAST_MS = 14;

export class StreetView {
  // Throws an Error, in words, where WebGL2 or half-float targets are missing.
  static async create(canvas, { probe = false } = {}) {
    const gl = canvas.getContext("webgl2", { alpha: false, antialias: false, depth: false, powerPreference: "low-power", preserveDrawingBuffer: probe });
    if (!gl) throw new Error("This browser has no WebGL2.");
    if (!gl.getExtension("EXT_color_buffer_float") && !gl.getExtension("EXT_color_buffer_half_float")) {
      throw new Error("This graphics driver has no half-float targets.");
    }
    const names = ["common.glsl", "lamp.vert", "lamp.frag", "screen.vert", "street.frag", "bloom.frag", "finish.frag"];
    const texts = await Promise.all(names.map(async (name) => {
      const reply = await fetch(`/street/${name}`);
      if (!reply.ok) throw new Error(`The shader ${name} could not be fetched.`);
      return [name, await reply.text()];
    }));
    return new StreetView(canvas, gl, new Map(texts));
  }

  constructor(canvas, gl, sources) {
    this.canvas = canvas;
    this.gl = gl;
    this.scale = 1;
    this.programs = {
      lamp: this.#program(sources, "lamp.vert", "lamp.frag"),
      street: this.#program(sources, "screen.vert", "street.frag"),
      bloom: this.#program(sources, "screen.vert", "bloom.frag"),
      finish: this.#program(sources, "screen.vert", "finish.frag"),
    };
    this.empty = gl.createVertexArray();
    this.size = [0, 0];
  }

  // quads: Float32Array, six numbers a pixel. May be called again for another scene.
  build(quads, scene) {
    const { gl } = this;
    this.scene = scene;
    this.n = quads.length / 6;
    this.rows = Math.max(1, Math.ceil(this.n / ROW));
    this.bytes = new Uint8Array(this.rows * ROW * 3);
    for (const old of [this.light, this.quads, this.map?.texture, this.mask?.texture]) gl.deleteTexture(old ?? null);
    this.light = this.#table(gl.RGB8, this.rows);
    this.quads = this.#quadTexture(quads);
    for (const { program, places } of Object.values(this.programs)) {
      gl.useProgram(program);
      for (const [name, value] of Object.entries(scene.uniforms)) this.#set(places, name, value);
    }
    this.map = this.#target(scene.map_px, true);
    this.mask = this.#target(scene.map_px, false);
    this.#into(this.mask, true);
    this.#lamps(scene.uniforms.u_map, scene.map_px, 0, MASK);
  }

  // bytes: sRGB, three a pixel.
  setLight(bytes) {
    const { gl } = this;
    this.bytes.set(bytes.subarray(0, this.n * 3));
    gl.bindTexture(gl.TEXTURE_2D, this.light);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, ROW, this.rows, gl.RGB, gl.UNSIGNED_BYTE, this.bytes);
  }

  // False while the last drawing is still at work: then there is no point in asking for another.
  get ready() {
    if (!this.fence) return true;
    const { gl } = this;
    const status = gl.clientWaitSync(this.fence, 0, 0);
    if (status === gl.TIMEOUT_EXPIRED) return false;
    gl.deleteSync(this.fence);
    this.fence = null;
    this.#adapt(performance.now() - this.startedAt);
    return true;
  }

  draw(timeS) {
    const { gl } = this;
    const size = this.#fit();
    const frame = this.#frame(size[0] / size[1]);
    this.startedAt = performance.now();
    this.#into(this.map, true);
    this.#lamps(this.scene.uniforms.u_map, this.scene.map_px, timeS, LIGHT_MAP);
    this.#mips(this.map);

    this.#into(this.picture, false);
    this.#bind(0, this.map.texture);
    this.#bind(1, this.mask.texture);
    this.#screen("street", frame, size, timeS, { u_spill: 0, u_mask: 1 });
    this.#lamps(frame, size, timeS, PICTURE);
    this.#mips(this.picture);

    this.#into(this.bloom, false);
    this.#bind(0, this.picture.texture);
    this.#screen("bloom", frame, size, timeS, { u_picture: 0 });
    this.#into({ target: null, size }, false);
    this.#bind(1, this.bloom.texture);
    this.#screen("finish", frame, size, timeS, { u_picture: 0, u_bloom: 1, u_top_down: 0 });
    this.fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
  }

  // As simulator/scene.py: the focus, widened or heightened to fit.
  #frame(aspect) {
    const [x0, y0, x1, y1] = this.scene.focus_m;
    const width = x1 - x0, height = y1 - y0;
    if (aspect >= width / height) {
      const more = (height * aspect - width) / 2;
      return [x0 - more, y0, x1 + more, y1];
    }
    const more = width / aspect - height;
    return [x0, y0 - more * 0.45, x1, y1 + more * 0.55];
  }

  #fit() {
    const { clientWidth, clientHeight } = this.canvas;
    const density = Math.min(devicePixelRatio || 1, 2);
    const full = Math.min(1, Math.sqrt(MOST_PX / Math.max(clientWidth * clientHeight * density * density, 1)));
    const k = density * full * this.scale;
    const size = [Math.max(16, Math.round(clientWidth * k)), Math.max(16, Math.round(clientHeight * k))];
    if (size[0] === this.size[0] && size[1] === this.size[1]) return size;
    const { gl } = this;
    [this.canvas.width, this.canvas.height] = size;
    for (const old of [this.picture, this.bloom]) {
      gl.deleteTexture(old?.texture ?? null);
      gl.deleteFramebuffer(old?.target ?? null);
    }
    this.picture = this.#target(size, true);
    this.bloom = this.#target(size.map((s) => Math.max(1, Math.floor(s / 4))), false);
    this.size = size;
    return size;
  }

  #adapt(tookMs) {
    this.drawn = (this.drawn ?? 0) + 1;
    if (this.drawn <= 2) return; // compiling, not drawing
    this.tookMs = this.tookMs === undefined ? tookMs : this.tookMs * 0.7 + tookMs * 0.3;
    if (this.drawn % 6 && this.tookMs < 4 * SLOW_MS) return;
    // Steps, not a slide: every change of size makes new targets.
    const wish = Math.sqrt(SLOW_MS / this.tookMs);
    if (wish < 0.95) this.scale = Math.max(LEAST_SCALE, this.scale * Math.max(wish, 0.5));
    else if (this.tookMs < FAST_MS && this.scale < 1) this.scale = Math.min(1, this.scale * 1.2);
  }

  #lamps(frame, size, timeS, making) {
    const { gl } = this;
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, making === MASK ? gl.ONE : gl.ONE_MINUS_SRC_ALPHA);
    this.#bind(0, this.light);
    this.#bind(1, this.quads);
    this.#use("lamp", frame, size, timeS, { u_light: 0, u_quads: 1, u_row: ROW, u_encoded: 1, u_making: making });
    gl.bindVertexArray(this.empty);
    gl.drawArrays(gl.TRIANGLES, 0, 6 * this.n);
    gl.disable(gl.BLEND);
  }

  #screen(name, frame, size, timeS, more) {
    const { gl } = this;
    this.#use(name, frame, size, timeS, more);
    gl.bindVertexArray(this.empty);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  #use(name, frame, size, timeS, more) {
    const { program, places } = this.programs[name];
    this.gl.useProgram(program);
    const px = [(frame[2] - frame[0]) / size[0], (frame[3] - frame[1]) / size[1]];
    for (const [key, value] of Object.entries({ u_frame: frame, u_px: px, u_time: timeS, ...more })) this.#set(places, key, value);
  }

  #set(places, name, value) {
    const place = places.get(name);
    if (!place) return;
    const { gl } = this;
    if (place.whole) gl.uniform1i(place.at, value);
    else if (Array.isArray(value)) gl[`uniform${value.length}fv`](place.at, value);
    else gl.uniform1f(place.at, value);
  }

  #bind(unit, texture) {
    const { gl } = this;
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.activeTexture(gl.TEXTURE0);
  }

  #into({ target, size }, clear) {
    const { gl } = this;
    gl.bindFramebuffer(gl.FRAMEBUFFER, target);
    gl.viewport(0, 0, size[0], size[1]);
    gl.clearColor(0, 0, 0, 0);
    if (clear) gl.clear(gl.COLOR_BUFFER_BIT);
  }

  #mips({ texture }) {
    const { gl } = this;
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.generateMipmap(gl.TEXTURE_2D);
  }

  #target(size, mips) {
    const { gl } = this;
    const levels = mips ? Math.floor(Math.log2(Math.max(...size))) + 1 : 1;
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texStorage2D(gl.TEXTURE_2D, levels, gl.RGBA16F, size[0], size[1]);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, mips ? gl.LINEAR_MIPMAP_LINEAR : gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    const target = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, target);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
    return { texture, target, size };
  }

  // A texture that is read texel by texel.
  #table(format, rows) {
    const { gl } = this;
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texStorage2D(gl.TEXTURE_2D, 1, format, ROW, rows);
    for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, name, gl.NEAREST);
    return texture;
  }

  // Two texels a pixel: x, y, z, width and height, yaw, 0, 0.
  #quadTexture(quads) {
    const { gl } = this;
    const rows = Math.max(1, Math.ceil(this.n / (ROW / 2)));
    const texels = new Float32Array(rows * ROW * 4);
    for (let i = 0; i < this.n; i += 1) texels.set(quads.subarray(i * 6, i * 6 + 6), i * 8);
    const texture = this.#table(gl.RGBA32F, rows);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, ROW, rows, gl.RGBA, gl.FLOAT, texels);
    return texture;
  }

  #program(sources, vertex, fragment) {
    const { gl } = this;
    const program = gl.createProgram();
    for (const [type, name] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
      const shader = gl.createShader(type);
      gl.shaderSource(shader, PRELUDE + sources.get("common.glsl") + sources.get(name));
      gl.compileShader(shader);
      gl.attachShader(program, shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost()) {
        throw new Error(`This graphics driver does not take ${name}: ${gl.getShaderInfoLog(shader)}`);
      }
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
      throw new Error(`This graphics driver does not link ${fragment}: ${gl.getProgramInfoLog(program)}`);
    }
    const places = new Map();
    for (let i = 0; i < gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS); i += 1) {
      const { name, type } = gl.getActiveUniform(program, i);
      places.set(name, { at: gl.getUniformLocation(program, name), whole: type === gl.INT || type === gl.SAMPLER_2D });
    }
    return { program, places };
  }
}
