#!/usr/bin/env python3
"""Draws the first frames of the example campaigns into manifests/images/.

    tools/draw_first_frames.py [--samples N] [--scale F] [--out DIR] [NAME ...]

The products are distance fields in a small studio (draw_first_frames.frag), rendered by headless Chromium in
software: no graphics card, no photographs, no rights to clear. Needs only Debian's chromium.
"""
import argparse
import base64
import json
import math
import pathlib
import re
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PRODUCTS = {"sneaker": 0, "kettle": 1, "headphones": 2}
SIZES = {"": (1280, 720), "-portrait": (720, 1280), "-square": (960, 960)}

# Colours are linear light. `light`: azimuth and height of the key in degrees, 0 is towards the camera.
LOOKS = {
    "sneaker": dict(backdrop=(0.88, 0.36, 0.20), body=(0.86, 0.82, 0.75), accent=(0.84, 0.13, 0.05),
                    trim=(0.022, 0.036, 0.085), sole=(0.93, 0.90, 0.84), light=(-48, 46), warmth=0.55),
    "kettle": dict(backdrop=(0.26, 0.42, 0.27), body=(0.88, 0.80, 0.65), accent=(0.80, 0.56, 0.30),
                   trim=(0.05, 0.06, 0.05), sole=(0.9, 0.9, 0.9), light=(-52, 44), warmth=0.5),
    "headphones": dict(backdrop=(0.30, 0.32, 0.68), body=(0.022, 0.025, 0.050), accent=(0.78, 0.36, 0.20),
                       trim=(0.04, 0.04, 0.06), sole=(0.9, 0.9, 0.9), light=(-44, 42), warmth=0.35),
}
DUSK = dict(LOOKS["sneaker"], backdrop=(0.060, 0.185, 0.225), light=(56, 30), warmth=0.9)
# Camera: azimuth, height, distance, what it looks at, zoom (relative to the shorter side).
CAMERAS = {
    ("sneaker", ""): (24, 17, 7.2, (0.03, 0.46, 0.0), 3.75),
    ("sneaker", "-portrait"): (34, 20, 8.2, (0.0, 0.62, 0.0), 2.75),
    ("sneaker", "-square"): (28, 18, 7.8, (0.02, 0.56, 0.0), 2.75),
    ("kettle", ""): (14, 12, 7.2, (0.10, 0.68, 0.0), 3.3),
    ("kettle", "-portrait"): (14, 14, 8.2, (0.06, 0.78, 0.0), 2.55),
    ("kettle", "-square"): (14, 13, 7.8, (0.06, 0.72, 0.0), 2.75),
    ("headphones", ""): (32, 11, 7.2, (0.0, 0.82, 0.0), 2.95),
    ("headphones", "-portrait"): (34, 13, 8.2, (0.0, 0.90, 0.0), 2.75),
    ("headphones", "-square"): (32, 12, 7.8, (0.0, 0.84, 0.0), 2.7),
}
DUSK_CAMERA = (-32, 13, 7.0, (0.02, 0.46, 0.0), 3.75)

PAGE = """<!doctype html><canvas></canvas><script>
const job = %s;
const canvas = document.querySelector('canvas'), strip = 40;
const [width, height] = job.uniforms.size;
const gl = document.createElement('canvas').getContext('webgl2', {preserveDrawingBuffer: true});
gl.canvas.width = width; gl.canvas.height = strip;
canvas.width = width; canvas.height = height;
function shader(kind, text) {
  const made = gl.createShader(kind);
  gl.shaderSource(made, text); gl.compileShader(made);
  if (!gl.getShaderParameter(made, gl.COMPILE_STATUS)) throw document.body.append('ERROR ' + gl.getShaderInfoLog(made));
  return made;
}
const program = gl.createProgram();
gl.attachShader(program, shader(gl.VERTEX_SHADER,
  '#version 300 es\\nvoid main(){gl_Position=vec4(vec2(gl_VertexID%%2*4-1,gl_VertexID/2*4-1),0.,1.);}'));
gl.attachShader(program, shader(gl.FRAGMENT_SHADER, job.fragment));
gl.linkProgram(program); gl.useProgram(program);
for (const [name, value] of Object.entries(job.uniforms)) {
  const list = [].concat(value);
  gl['uniform' + list.length + 'fv'](gl.getUniformLocation(program, name), list);
}
gl.viewport(0, 0, width, strip);
const paper = canvas.getContext('2d');
for (let row = 0; row < height; row += strip) {  // in strips: no single draw call runs into a watchdog
  gl.uniform1f(gl.getUniformLocation(program, 'first_row'), row);
  gl.drawArrays(gl.TRIANGLES, 0, 3);
  paper.drawImage(gl.canvas, 0, height - row - strip);
}
document.body.append('PICTURE ' + canvas.toDataURL('image/jpeg', job.quality) + ' END');
</script>"""


def direction(azimuth, height):
    a, h = math.radians(azimuth), math.radians(height)
    return [math.sin(a) * math.cos(h), math.sin(h), math.cos(a) * math.cos(h)]


def job_for(product, size, look, camera, options):
    azimuth, height, distance, target, zoom = camera
    eye = [t + distance * d for t, d in zip(target, direction(azimuth, height))]
    scaled = [round(side * options.scale) for side in size]
    uniforms = {name: list(look[name]) for name in ("backdrop", "body", "accent", "trim", "sole")}
    uniforms |= {"size": scaled, "eye": eye, "target": list(target), "zoom": zoom, "warmth": look["warmth"],
                 "key": direction(look["light"][0] + azimuth * 0.5, look["light"][1])}
    source = (HERE / "draw_first_frames.frag").read_text(encoding="utf-8")
    head = f"#version 300 es\n#define PRODUCT {PRODUCTS[product]}\n#define SAMPLES {options.samples}\n"
    return {"fragment": head + source, "uniforms": uniforms, "quality": 0.9}


def render(job):
    with tempfile.TemporaryDirectory() as folder:
        page = pathlib.Path(folder) / "page.html"
        page.write_text(PAGE % json.dumps(job).replace("<", "\\u003c"), encoding="utf-8")
        shown = subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
             f"--user-data-dir={folder}/profile", "--dump-dom", page.as_uri()],
            check=True, capture_output=True, text=True, timeout=600).stdout
    found = re.search(r"PICTURE data:image/jpeg;base64,(\S+) END", shown)
    if not found:
        raise SystemExit("no picture came" + shown[shown.rfind("</script>") + 9:])
    return base64.b64decode(found.group(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="e.g. sneaker-portrait; all when none is given")
    parser.add_argument("--samples", type=int, choices=(1, 4), default=4, help="per pixel")
    parser.add_argument("--scale", type=float, default=1.0, help="for quick drafts")
    parser.add_argument("--out", type=pathlib.Path, default=HERE.parent / "manifests" / "images")
    options = parser.parse_args()
    pictures = {product + suffix: (product, SIZES[suffix], LOOKS[product], camera)
                for (product, suffix), camera in CAMERAS.items()}
    pictures["sneaker-end"] = ("sneaker", SIZES[""], DUSK, DUSK_CAMERA)
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.names or pictures:
        product, size, look, camera = pictures[name]
        jpeg = render(job_for(product, size, look, camera, options))
        (options.out / f"{name}.jpg").write_bytes(jpeg)
        print(f"{name}.jpg {len(jpeg) // 1024} KiB", flush=True)


if __name__ == "__main__":
    main()
