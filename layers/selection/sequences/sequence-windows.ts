/** The place of an image in a series of frames: its name without the number, and the number. */
interface Frame {
  readonly position: number;
  readonly series: string;
  readonly number: number;
}

/** `folder/video-0012-mp4.png`, `cam_0012.jpg`, `0012.jpg`: the last number of the name, before what tells the format. */
const NUMBERED = /^(.*?)(\d{1,15})((?:-(?:mp4|mov|avi|mkv|m4v|mpg|webm))?(?:\.[^./]*)?)$/is;

/**
 * Windows of consecutive images: names that differ in their last number only, folder included, in the order of the
 * numbers. Numbers follow each other in the smallest step that occurs in their series, so that every tenth frame of a
 * video is a sequence too; a larger step is a gap, and no window reaches across one. Windows do not overlap; what is left
 * at the end of an unbroken stretch is in none.
 *
 * @param fileNames - each once
 * @returns positions of the images of each window, windows by series and number
 */
export function sequenceWindows(fileNames: readonly string[], length: number): number[][] {
  return stretchesOf(fileNames).flatMap((stretch) => {
    const windows = Math.floor(stretch.length / length);
    return Array.from({ length: windows }, (_, at) => stretch.slice(at * length, (at + 1) * length));
  });
}

function stretchesOf(fileNames: readonly string[]): number[][] {
  const series = new Map<string, Frame[]>();
  fileNames.forEach((fileName, position) => {
    const frame = frameOf(fileName, position);
    if (!frame) return;
    const frames = series.get(frame.series);
    if (frames) frames.push(frame);
    else series.set(frame.series, [frame]);
  });
  return [...series.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, frames]) => unbroken(frames.sort((a, b) => a.number - b.number || a.position - b.position)));
}

function frameOf(fileName: string, position: number): Frame | undefined {
  const [, before, digits, after] = NUMBERED.exec(fileName) ?? [];
  if (digits === undefined) return undefined;
  return { position, series: JSON.stringify([before, after]), number: Number(digits) };
}

/** @param frames - of one series, by number */
function unbroken(frames: readonly Frame[]): number[][] {
  const steps = frames.slice(1).map(({ number }, at) => number - (frames[at] as Frame).number);
  // Of `1.jpg` and `01.jpg`, which have the same number, the second is no step.
  const step = steps.reduce(
    (least, each) => (each > 0 && each < least ? each : least),
    Number.MAX_SAFE_INTEGER,
  );
  const stretches: number[][] = [];
  frames.forEach(({ position }, at) => {
    if (at > 0 && (steps[at - 1] as number) <= step) stretches.at(-1)?.push(position);
    else stretches.push([position]);
  });
  return stretches;
}
