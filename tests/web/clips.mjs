// Small real clips for a report's pages: each file that report.json names, drawn from the example campaigns' pictures
// with a slow push in. Small frames, because it is the page that is under test.
import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

const pictures = fileURLToPath(new URL('../../manifests/images/', import.meta.url));
const fps = 25;

function pictureOf(clip) {
  const label = name => clip.labels.find(entry => entry.name === name)?.value;
  const suffix = {portrait: '-portrait', square: '-square'}[label('format')] ?? '';
  return path.join(pictures, `${label('product')}${suffix}.jpg`);
}

/** Writes every clip of `report` that is not there yet below `folder`. `scale` shrinks the frames. */
export function makeClips(report, folder, {scale = 0.25, seconds = 2} = {}) {
  for (const clip of report.clips) {
    if (!clip.file) continue;
    const file = path.join(folder, clip.file.path);
    if (existsSync(file)) continue;
    mkdirSync(path.dirname(file), {recursive: true});
    const even = side => 2 * Math.round(side * scale / 2);
    const [width, height] = [even(clip.file.width), even(clip.file.height)];
    const push = `zoompan=z='1+0.0018*on':x='iw/2-iw/zoom/2':y='ih/2-ih/zoom/2':d=${seconds * fps}:s=${width}x${height}:fps=${fps}`;
    execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', pictureOf(clip),
      ...(clip.file.has_sound ? ['-f', 'lavfi', '-i', `sine=220:duration=${seconds}`, '-c:a', 'aac'] : []),
      '-vf', `scale=${2 * width}:-2,${push},format=yuv420p`, '-t', String(seconds),
      '-c:v', 'libx264', '-preset', 'ultrafast', '-movflags', '+faststart', file]);
  }
}

/** The stills that `report` names, from the clips that makeClips() wrote. */
export function makeStills(report, folder) {
  const draw = (clip, still, ...how) => {
    const file = path.join(folder, still);
    if (!existsSync(file)) execFileSync('ffmpeg', ['-v', 'error', '-y', ...how, '-i', path.join(folder, clip), '-q:v', '3',
      ...(still.includes('filmstrip') ? ['-vf', "select='gte(t,(selected_n+0.5)*0.25)',scale=-2:160,tile=8x1"] : []), '-frames:v', '1', file]);
  };
  for (const {file} of report.clips) {
    if (file?.poster) draw(file.path, file.poster, '-ss', '1');
    if (file?.filmstrip) draw(file.path, file.filmstrip);
  }
}

export function readReport(folder) {
  return JSON.parse(readFileSync(path.join(folder, 'report.json'), 'utf8'));
}
