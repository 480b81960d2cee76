// The studio in which the example campaigns' products stand: distance fields, one soft key light, a fill, softboxes
// in the reflections. PRODUCT is defined by draw_first_frames.py: 0 sneaker, 1 kettle, 2 headphones.
precision highp float;
out vec4 pixel;

uniform vec2 size;       // of the picture, in pixels
uniform float first_row; // the strip that is drawn now starts here
uniform vec3 eye, target, key;
uniform float zoom, warmth;
uniform vec3 backdrop, body, accent, trim, sole;

const float far = 30.0;
struct Hit { float d; float material; };

// ---- shapes --------------------------------------------------------------------------------------------------
float smooth_min(float a, float b, float k) {
  float h = max(k - abs(a - b), 0.0) / k;
  return min(a, b) - h * h * k * 0.25;
}
float smooth_max(float a, float b, float k) { return -smooth_min(-a, -b, k); }
float box(vec3 p, vec3 b, float r) {
  vec3 q = abs(p) - b + r;
  return length(max(q, 0.0)) + min(max(q.x, max(q.y, q.z)), 0.0) - r;
}
float disc(vec3 p, float radius, float half_height, float r) {  // axis y
  vec2 q = abs(vec2(length(p.xz), p.y)) - vec2(radius, half_height) + r;
  return length(max(q, 0.0)) + min(max(q.x, q.y), 0.0) - r;
}
float capsule(vec3 p, vec3 a, vec3 b, float r) {
  vec3 pa = p - a, ba = b - a;
  return length(pa - ba * clamp(dot(pa, ba) / dot(ba, ba), 0.0, 1.0)) - r;
}
float ring(vec3 p, float radius, float tube) {  // axis y
  return length(vec2(length(p.xz) - radius, p.y)) - tube;
}
// Tube along a quadratic curve in the plane z = 0, sampled: good enough, and never steps too far.
float curve(vec3 p, vec2 a, vec2 b, vec2 c, float r0, float r1) {
  float d = far;
  vec2 last = a;
  for (int i = 1; i <= 24; ++i) {
    float t = float(i) / 24.0;
    vec2 next = mix(mix(a, b, t), mix(b, c, t), t);
    vec2 q = p.xy - last, w = next - last;
    float s = clamp(dot(q, w) / dot(w, w), 0.0, 1.0);
    d = min(d, length(vec3(q - w * s, p.z)) - mix(r0, r1, t + (s - 1.0) / 24.0));
    last = next;
  }
  return d;
}
Hit nearer(Hit a, Hit b) {
  if (a.d < b.d) return a;
  return b;
}

// ---- products: materials 1 body, 2 accent, 3 trim, 4 sole, 5 dark, 6 metal, 7 wood --------------------------------
#if PRODUCT == 0
float shoe_top(float x) {  // height of the upper's ridge from heel (-1.05) to toe (1.1)
  float instep = mix(0.98, 0.40, smoothstep(-0.30, 0.72, x));
  float heel = mix(0.90, 0.98, smoothstep(-1.0, -0.3, x));
  return min(instep, heel);
}
float shoe_width(float x) {
  return mix(0.285, 0.40, smoothstep(-0.45, 0.55, x)) - 0.05 * exp(-14.0 * (x + 0.15) * (x + 0.15));
}
float toe_spring(float x) { float t = max(x - 0.45, 0.0); return 0.20 * t * t; }

float footprint(vec2 q, float grow) {  // q: length, width
  float w = shoe_width(q.x) + grow;
  float bend = 0.05 * sin(q.x * 1.6);
  vec2 front = vec2(q.x - 0.68, q.y - bend), back = vec2(q.x + 0.74, q.y - bend);
  float side = abs(q.y - bend) - w;
  if (q.x > 0.68) side = length(front) - shoe_width(0.68) - grow;
  if (q.x < -0.74) side = length(back) - shoe_width(-0.74) - grow;
  return side;
}

Hit product(vec3 p) {
  float lift = toe_spring(p.x);
  vec3 q = vec3(p.x, p.y - lift, p.z);

  // Sole: a thick cushion, a waist line around it and a thin dark outsole.
  float thick = mix(0.30, 0.21, smoothstep(-0.7, 0.7, q.x));
  float plan = footprint(q.xz, 0.055 + 0.018 * cos((q.y - 0.13) * 14.0));
  float slab = abs(q.y - 0.045 - thick * 0.5) - thick * 0.5;
  float midsole = smooth_max(plan, slab, 0.09);
  midsole += 0.012 * (1.0 - smoothstep(0.0, 0.014, abs(q.y - 0.145 - 0.03 * sin(q.x * 2.2))));
  float outsole = smooth_max(footprint(q.xz, 0.045), abs(q.y - 0.028) - 0.028, 0.03);
  outsole += 0.008 * smoothstep(0.0, 0.6, sin(q.x * 44.0)) * step(q.y, 0.03);

  // Upper: sections that lean inwards with height.
  float top = shoe_top(q.x);
  float y = clamp((q.y - 0.16) / (top - 0.16), 0.0, 1.4);
  float lean = mix(1.0, 0.46, smoothstep(0.0, 1.05, y)) ;
  float w = shoe_width(q.x) * mix(lean, pow(max(1.0 - y * y * 0.92, 0.02), 0.5), smoothstep(0.15, 0.75, q.x));
  float bend = 0.05 * sin(q.x * 1.6);
  vec2 nose = vec2(max(q.x - 0.68, 0.0), 0.0), tail = vec2(max(-0.80 - q.x + 0.10 * y, 0.0), 0.0);
  float side = length(vec2(max(nose.x, tail.x) * 0.96, q.z - bend)) - w;
  float upper = smooth_max(side, q.y - top, 0.22);
  upper = smooth_max(upper, 0.12 - q.y, 0.05);

  // The opening, its padded collar, the tongue.
  vec3 mouth = q - vec3(-0.56, 1.10, 0.0);
  mouth.xy = mat2(0.97, 0.24, -0.24, 0.97) * mouth.xy;
  float hole = length(mouth / vec3(0.40, 0.46, 0.185)) * 0.185 - 0.185;
  float solid = upper;
  upper = smooth_max(upper, -hole, 0.07);
  float collar = abs(length(vec2(hole + 0.005, solid + 0.03))) - 0.042;
  vec3 t = q - vec3(-0.315, 0.985, 0.0);
  t.xy = mat2(0.83, -0.55, 0.55, 0.83) * t.xy;
  float tongue = box(t, vec3(0.055, 0.22, 0.145 - 0.10 * t.y * t.y), 0.05);

  // Panels are painted and raised a little, so that their edges catch light.
  float stay = abs(q.z - bend) - mix(0.215, 0.15, smoothstep(-0.2, 0.5, q.x));
  float ridge = top - q.y;
  float eyestay = max(max(stay, q.x - 0.50), -0.36 - q.x);
  eyestay = max(eyestay, ridge - 0.34);
  float throat = max(max(abs(q.z - bend) - 0.075, q.x - 0.44), -0.5 - q.x);
  float toe_cap = 0.62 + 0.35 * (q.z - bend) * (q.z - bend) * 6.0 - q.x + 0.25 * (q.y - 0.3);
  float mud = q.y - mix(0.40, 0.33, smoothstep(-0.6, 0.4, q.x)) + 0.07 * sin(q.x * 3.0 + 0.6);
  float heel = q.x + 0.70 + 0.22 * (q.y - 0.5);
  float stripe = abs(q.y - 0.30 - 0.50 * smoothstep(0.62, -0.75, q.x) + 0.16 * exp(-9.0 * (q.x + 0.18) * (q.x + 0.18)))
                 - mix(0.012, 0.075, smoothstep(0.55, -0.5, q.x));
  stripe = max(stripe, max(q.x - 0.50, -0.74 - q.x));
  stripe = max(stripe, 0.16 - abs(q.z - bend));

  float material = 1.0, raise = 0.0;
  if (toe_cap < 0.0) { material = 1.5; raise = max(raise, 0.012 * smoothstep(0.0, -0.02, toe_cap)); }
  if (mud < 0.0) { material = 1.5; raise = max(raise, 0.010 * smoothstep(0.0, -0.02, mud)); }
  if (eyestay < 0.0 && throat > 0.0) { material = 3.0; raise = max(raise, 0.014 * smoothstep(0.0, -0.02, eyestay)); }
  if (heel < 0.0) { material = 3.0; raise = max(raise, 0.014 * smoothstep(0.0, -0.02, heel)); }
  if (stripe < 0.0) { material = 2.0; raise = max(raise, 0.020 * smoothstep(0.0, -0.02, stripe)); }
  if (throat < 0.0 && ridge < 0.2) { material = 1.2; raise = -0.012; }
  upper -= raise;

  Hit h = Hit(upper * 0.62, material);
  h = nearer(h, Hit(collar * 0.6, 5.2));
  h = nearer(h, Hit(tongue * 0.9, 1.2));
  h = nearer(h, Hit(box(t - vec3(0.05, 0.10, 0.0), vec3(0.016, 0.075, 0.085), 0.012), 2.0));
  h = nearer(h, Hit(midsole * 0.7, 4.0));
  h = nearer(h, Hit(outsole * 0.7, 5.0));
  for (int i = 0; i < 6; ++i) {  // laces: bars that bow over the tongue, with eyelets at their ends
    float x = -0.22 + 0.118 * float(i);
    float up = shoe_top(x) + toe_spring(x);
    float slope = 0.055 + 0.01 * float(i);
    vec3 m = vec3(p.x, p.y, abs(p.z - bend));
    float lace = capsule(m, vec3(x + 0.012, up + 0.028, 0.0), vec3(x + 0.01, up - slope, 0.135), 0.026);
    h = nearer(h, Hit(lace, 4.5));
  }
  float knot = length((p - vec3(-0.25, 1.04, 0.0)) / vec3(0.8, 0.8, 1.3)) - 0.04;
  vec3 m = vec3(p.x, p.y, abs(p.z));
  vec3 loop = m - vec3(-0.235, 1.03, 0.115);
  loop.xy = mat2(0.77, 0.64, -0.64, 0.77) * loop.xy;
  float bow = length(vec2(length(loop.xz * vec2(1.5, 1.0)) - 0.085, loop.y + 0.6 * loop.z * loop.z)) - 0.019;
  h = nearer(h, Hit(min(knot, bow * 0.7), 4.5));
  return h;
}
#elif PRODUCT == 1
Hit product(vec3 p) {
  // Body: a cone with a soft shoulder, on a dark stand.
  float r = length(p.xz);
  float y = p.y - 0.12;
  float wall = mix(0.66, 0.41, clamp(y / 1.05, 0.0, 1.0)) + 0.02 * sin(clamp(y / 1.05, 0.0, 1.0) * 3.1416);
  float shell = smooth_max((r - wall) * 0.97, abs(y - 0.525) - 0.525, 0.10);
  Hit h = Hit(shell * 0.9, 1.0);
  h = nearer(h, Hit(disc(p - vec3(0.0, 0.045, 0.0), 0.74, 0.045, 0.03), 5.0));
  h = nearer(h, Hit(disc(p - vec3(0.0, 0.105, 0.0), 0.655, 0.022, 0.01), 6.0));
  // Lid with a turned knob.
  h = nearer(h, Hit(ring(p - vec3(0.0, 1.165, 0.0), 0.375, 0.020), 6.0));
  float lid = smooth_max(length(p - vec3(0.0, 0.62, 0.0)) - 0.665, 1.15 - p.y, 0.03);
  h = nearer(h, Hit(max(lid, r - 0.365), 1.0));
  h = nearer(h, Hit(disc(p - vec3(0.0, 1.315, 0.0), 0.045, 0.05, 0.01), 6.0));
  h = nearer(h, Hit(length((p - vec3(0.0, 1.405, 0.0)) / vec3(1.0, 0.72, 1.0)) * 0.8 - 0.082, 7.0));
  // Gooseneck.
  float neck = curve(p, vec2(0.50, 0.36), vec2(1.03, 0.33), vec2(0.98, 0.78), 0.088, 0.060);
  float tip = curve(p, vec2(0.98, 0.78), vec2(0.95, 1.16), vec2(1.27, 1.17), 0.060, 0.042);
  float spout = min(neck, tip);
  float joined = smooth_min(shell * 0.9, spout, 0.10);
  if (joined < h.d) h = Hit(joined, 1.0);
  h = nearer(h, Hit(ring(vec3(p.y - 1.170, p.x - 1.262, p.z), 0.036, 0.012), 6.0));
  // Handle: steel bracket, wooden grip.
  float upper = curve(p, vec2(-0.38, 1.08), vec2(-0.66, 1.28), vec2(-0.93, 1.16), 0.042, 0.042);
  float grip = curve(p, vec2(-0.90, 1.175), vec2(-1.17, 1.02), vec2(-1.02, 0.34), 0.074, 0.060);
  h = nearer(h, Hit(upper, 6.0));
  h = nearer(h, Hit(grip, 7.0));
  h = nearer(h, Hit(length(p - vec3(-0.905, 1.172, 0.0)) - 0.079, 6.0));
  return h;
}
#else
// One side of the headphones; the band lies in the plane z = 0 and the cup's axis is x.
Hit product(vec3 p) {
  p.y -= 0.02;
  vec3 m = vec3(abs(p.x), p.yz);
  Hit h = Hit(far, 0.0);
  // Band: half a ring, flat outside, with a cushion inside.
  vec2 q = vec2(m.x / 0.985, max(m.y - 0.98, 0.0));
  float below = max(0.86 - m.y, 0.0);
  float round_ = length(q);
  float outer = length(max(abs(vec2(round_ - 0.80, m.z)) - vec2(0.006, 0.075), 0.0)) - 0.030;
  outer = max(outer, below > 0.0 ? below : -1.0);
  h = nearer(h, Hit(outer * 0.9, 1.0));
  float pad = length(vec2(round_ - 0.750, m.z * 0.62)) - 0.056;
  pad += 0.0025 * cos(atan(m.x, m.y - 0.98) * 40.0);
  pad = smooth_max(pad, 1.28 - m.y, 0.05);
  h = nearer(h, Hit(pad * 0.8, 2.0));
  // Slider and yoke, in metal.
  float slider = box(m - vec3(0.792, 0.86, 0.0), vec3(0.016, 0.17, 0.036), 0.014);
  h = nearer(h, Hit(slider, 6.0));
  h = nearer(h, Hit(box(m - vec3(0.792, 0.98, 0.0), vec3(0.036, 0.085, 0.108), 0.03), 1.0));
  // The cup hangs in the yoke, toed in at its foot and turned a little.
  vec3 c = m - vec3(0.775, 0.46, 0.0);
  c.xy = mat2(0.993, 0.118, -0.118, 0.993) * c.xy;
  vec3 a = vec3(c.y, c.x, c.z * 1.10);  // axis to y
  float arc = length(vec2(length(vec2(a.x, a.z)) - 0.455, a.y - 0.03)) - 0.024;
  arc = max(arc, -c.y - 0.02);
  h = nearer(h, Hit(arc * 0.9, 6.0));
  h = nearer(h, Hit(capsule(vec3(c.x - 0.03, c.y, abs(c.z)), vec3(0.0, 0.0, 0.36), vec3(0.0, 0.0, 0.43), 0.03), 6.0));
  float shell = disc(a - vec3(0.0, 0.07, 0.0), 0.405, 0.10, 0.075);
  h = nearer(h, Hit(shell * 0.9, 1.0));
  h = nearer(h, Hit(ring(a - vec3(0.0, 0.163, 0.0), 0.285, 0.013) * 0.9, 6.0));
  float plate = disc(a - vec3(0.0, 0.165, 0.0), 0.27, 0.012, 0.01);
  plate += 0.003 * cos(length(a.xz) * 210.0);
  h = nearer(h, Hit(plate * 0.8, 1.6));
  float cushion = length(vec2(max(length(a.xz) - 0.30, 0.0) - 0.02, (a.y + 0.105) * 0.9)) - 0.098;
  cushion = length(vec2(length(a.xz) - 0.315, a.y + 0.10)) - 0.098;
  h = nearer(h, Hit(cushion * 0.85, 2.0));
  h = nearer(h, Hit(disc(a - vec3(0.0, -0.03, 0.0), 0.33, 0.03, 0.01), 5.0));
  return h;
}
#endif

// The floor runs up into the wall in one sweep, as photographers' paper does; the product stands on a low disc.
Hit scene(vec3 p) {
  vec2 q = vec2(p.z + 4.2, p.y + 0.16);
  float paper = q.x < 2.2 && q.y < 2.2 ? 2.2 - length(q - vec2(2.2)) : min(q.x, q.y);
  Hit h = Hit(paper, 0.0);
  h = nearer(h, Hit(disc(p + vec3(0.0, 0.10, 0.0), 1.62, 0.10, 0.018), 0.5));
  float near = length(p - vec3(0.0, 0.75, 0.0)) - 1.75;
  if (near > 0.25) return nearer(h, Hit(near, -1.0));  // a bound, not a surface: lets rays pass quickly
  return nearer(h, product(p));
}

// ---- light ----------------------------------------------------------------------------------------------------
vec3 normal_at(vec3 p) {
  vec3 n = vec3(0.0);
  for (int i = min(int(size.x), 0); i < 4; ++i) {  // a start the compiler cannot know: four copies take long to build
    vec3 e = 0.5773 * (2.0 * vec3(float(((i + 3) >> 1) & 1), float((i >> 1) & 1), float(i & 1)) - 1.0);
    n += e * scene(p + 0.0009 * e).d;
  }
  return normalize(n);
}
float shade_of(vec3 p, vec3 towards, float softness) {
  float lit = 1.0, t = 0.02;
  for (int i = 0; i < 44; ++i) {
    Hit h = scene(p + towards * t);
    float d = h.d;
    if (h.material >= 0.0) lit = min(lit, 0.5 + 0.5 * d / (softness * t));
    if (lit < 0.0 || t > 5.0) break;
    t += clamp(d, 0.012, 0.22);
  }
  lit = max(lit, 0.0);
  return lit * lit * (3.0 - 2.0 * lit);
}
float openness(vec3 p, vec3 n) {
  float shut = 0.0, weight = 1.0;
  for (int i = 1; i <= 6; ++i) {
    float step_ = 0.035 * float(i) + 0.012 * float(i * i);
    Hit h = scene(p + n * step_);
    if (h.material >= 0.0) shut += (step_ - h.d) * weight;
    weight *= 0.78;
  }
  return clamp(1.0 - 1.15 * shut, 0.0, 1.0);
}
// What a mirror would see: paper, a big softbox on the key's side, a strip light opposite, a bright ceiling.
vec3 studio(vec3 d, float blur) {
  vec3 paper = backdrop * mix(0.28, 0.95, smoothstep(-0.6, 0.9, d.y));
  vec3 side = normalize(cross(key, vec3(0.0, 1.0, 0.0)));
  vec3 up = cross(side, key);
  float front = dot(d, key);
  vec2 on = vec2(dot(d, side), dot(d, up)) / max(front, 0.05);
  float softbox = (1.0 - smoothstep(0.55, 0.57 + blur, abs(on.x))) * (1.0 - smoothstep(0.75, 0.77 + blur, abs(on.y)));
  softbox *= step(0.0, front);
  vec3 strip_at = normalize(vec3(-key.x * 1.2, 0.28, key.z * 0.05 - 0.35));
  float strip = 1.0 - smoothstep(0.10, 0.13 + blur, abs(dot(d, normalize(cross(strip_at, vec3(0, 1, 0))))));
  strip *= smoothstep(0.0, 0.3, dot(d, strip_at)) * (1.0 - smoothstep(0.5, 0.52 + blur, abs(d.y - 0.25)));
  return paper + vec3(1.0, 0.97, 0.92) * softbox * 3.0 / (1.0 + 1.6 * blur) + vec3(0.9, 0.95, 1.0) * strip * 1.7 / (1.0 + 2.5 * blur);
}
float grain(vec3 p) {
  return fract(sin(dot(floor(p * 190.0), vec3(12.9898, 78.233, 37.719))) * 43758.5453);
}
void paint(float material, vec3 p, out vec3 color, out float gloss, out float blur) {
  gloss = 0.04; blur = 0.9; color = backdrop;
  if (material < 0.25) { gloss = 0.0; }
  else if (material < 0.75) { color = backdrop * 1.10; gloss = 0.035; blur = 0.55; }
  else if (material < 1.1) {
    color = body;
#if PRODUCT == 1
    gloss = 0.055; blur = 0.10;
#elif PRODUCT == 2
    gloss = 0.05; blur = 0.30;
#else
    color *= 0.93 + 0.07 * smoothstep(0.3, 0.7, sin(p.x * 150.0) * sin(p.y * 150.0 + p.z * 90.0));
    gloss = 0.03;
#endif
  }
  else if (material < 1.3) { color = mix(body, trim, 0.25); gloss = 0.02; }
  else if (material < 1.55) { color = mix(body, vec3(1.0), 0.35) * 0.97; gloss = 0.045; blur = 0.5; }
  else if (material < 1.8) { color = mix(body, accent, 0.18); gloss = 0.09; blur = 0.35; }
  else if (material < 2.5) { color = accent; gloss = 0.045; blur = 0.55; }
  else if (material < 3.5) { color = trim; gloss = 0.04; blur = 0.6; }
  else if (material < 4.2) { color = sole * (0.97 + 0.03 * grain(p)); gloss = 0.035; blur = 0.7; }
  else if (material < 4.8) { color = mix(sole, vec3(1.0), 0.3); gloss = 0.02; }
  else if (material < 5.1) { color = mix(trim, vec3(0.05), 0.55); gloss = 0.05; blur = 0.45; }
  else if (material < 5.5) { color = mix(trim, vec3(0.06), 0.25); gloss = 0.02; }
  else if (material < 6.5) { color = mix(vec3(0.62, 0.60, 0.57), accent, 0.45) * 0.55; gloss = 0.62; blur = 0.16; }
  else {
    float rings = sin(p.x * 60.0 + p.z * 34.0 + 2.5 * sin(p.y * 5.0));
    color = mix(vec3(0.36, 0.17, 0.075), vec3(0.46, 0.235, 0.11), 0.5 + 0.5 * rings);
    gloss = 0.05; blur = 0.35;
  }
}
vec3 lit(vec3 from, vec3 ray) {
  float t = 0.5, material = 0.0;
  for (int i = 0; i < 190; ++i) {
    Hit h = scene(from + ray * t);
    material = h.material;
    if (h.d < 0.0005 * t || t > far) break;
    t += h.d * 0.88;
  }
  vec3 p = from + ray * min(t, far), n = normal_at(p), r = reflect(ray, n), color;
  float gloss, blur;
  paint(material, p, color, gloss, blur);
  float key_light = max(dot(n, key), 0.0) * shade_of(p + n * 0.004, key, 0.11);
  vec3 fill_at = normalize(vec3(-key.x, 0.45, key.z));
  float fill = max(dot(n, fill_at) * 0.6 + 0.4, 0.0);
  float open = openness(p, n);
  float fresnel = pow(clamp(1.0 + dot(n, ray), 0.0, 1.0), 5.0);
  vec3 warm = mix(vec3(1.0), vec3(1.0, 0.90, 0.76), warmth), cool = mix(vec3(1.0), vec3(0.84, 0.92, 1.0), 0.6 + warmth * 0.4);
  vec3 light = warm * key_light * 1.45 + cool * fill * 0.26 * open + (0.30 + 0.12 * n.y) * open * mix(vec3(1.0), backdrop, 0.45);
  vec3 bounce = backdrop * 0.20 * max(-n.y * 0.6 + 0.4, 0.0) * smoothstep(0.9, 0.0, p.y) * open;
  vec3 out_ = color * (light + bounce);
  float mirror = gloss + (1.0 - gloss) * fresnel * (material < 0.75 ? 0.03 : 0.30) * (1.0 - 0.6 * blur);
  out_ = mix(out_, out_ * 0.4, gloss > 0.5 ? 1.0 : 0.0);
  out_ += studio(r, blur) * mirror * (gloss > 0.5 ? color * 2.6 : vec3(1.0)) * mix(0.35, 1.0, open);
  float glow = exp(-0.22 * dot(p.xy - vec2(key.x * 1.5, 1.9), p.xy - vec2(key.x * 1.5, 1.9)));
  if (material < 0.25) out_ *= mix(0.78, 1.20, glow);
  return out_;
}
vec3 film(vec3 c) {  // a soft shoulder, then sRGB
  c *= 0.56;
  c = (c * (2.51 * c + 0.03)) / (c * (2.43 * c + 0.59) + 0.14);
  return pow(clamp(c, 0.0, 1.0), vec3(1.0 / 2.2));
}
void main() {
  vec3 ahead = normalize(target - eye), right = normalize(cross(ahead, vec3(0, 1, 0))), up = cross(right, ahead);
  vec3 sum = vec3(0.0);
  for (int i = 0; i < SAMPLES; ++i) {
    vec2 jitter = SAMPLES == 1 ? vec2(0.0) : vec2(float(i % 2), float(i / 2)) * 0.5 - 0.25 + vec2(0.08, -0.08) * float(i % 3 - 1);
    vec2 at = (vec2(gl_FragCoord.x, gl_FragCoord.y + first_row) + jitter - 0.5 * size) / min(size.x, size.y);
    sum += film(lit(eye, normalize(ahead * zoom + right * at.x + up * at.y)));
  }
  vec2 v = (vec2(gl_FragCoord.x, gl_FragCoord.y + first_row) / size - 0.5);
  sum /= float(SAMPLES);
  sum *= 1.0 - 0.38 * dot(v, v);
  float dither = fract(sin(dot(gl_FragCoord.xy + first_row, vec2(12.9898, 78.233))) * 43758.5453);
  pixel = vec4(sum + (dither - 0.5) / 255.0, 1.0);
}
