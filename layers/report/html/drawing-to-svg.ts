import type { Thumbnails } from '../document/report-document.ts';
import type { Drawing, Shape } from '../drawing/drawing.ts';
import { escaped } from './escape.ts';
import { imageData } from './image-data.ts';

/** A drawing as SVG inside HTML. Inks are the style sheet's: `f-` fills and `s-` strokes. */
export function drawingToSvg({ title, width, height, shapes }: Drawing, thumbnails: Thumbnails): string {
  const label = escaped(title);
  const content = shapes.map((shape) => shapeToSvg(shape, thumbnails)).join('');
  return `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${label}">${content}</svg>`;
}

function shapeToSvg(shape: Shape, thumbnails: Thumbnails): string {
  switch (shape.kind) {
    case 'path':
      return pathToSvg(shape);
    case 'rect':
      return `<rect x="${shape.x}" y="${shape.y}" width="${shape.width}" height="${shape.height}" class="f-${shape.fill}"/>`;
    case 'dots': {
      // A line of no length with round ends is a dot, in far fewer bytes than a circle.
      const d = shape.points.map(([x, y]) => `M${x} ${y}h0`).join('');
      return `<path d="${d}" class="dots s-${shape.ink}" stroke-width="${shape.radius * 2}"/>`;
    }
    case 'text': {
      const { x, y, text, size, ink, anchor = 'start', bold = false } = shape;
      const weight = bold ? ' font-weight="600"' : '';
      return `<text x="${x}" y="${y}" font-size="${size}" text-anchor="${anchor}"${weight} class="f-${ink}">${escaped(text)}</text>`;
    }
    case 'image':
      return imageToSvg(shape, thumbnails);
    default:
      return shape satisfies never;
  }
}

function pathToSvg({ d, fill, stroke, lineWidth = 1, dashed = false }: Shape & { kind: 'path' }): string {
  const classes = [fill ? `f-${fill}` : 'f-none', ...(stroke ? [`s-${stroke}`] : [])].join(' ');
  const line = stroke ? ` stroke-width="${lineWidth}"` : '';
  return `<path d="${d}" class="${classes}"${line}${dashed ? ' stroke-dasharray="3 3"' : ''}/>`;
}

function imageToSvg({ x, y, side, fileName }: Shape & { kind: 'image' }, thumbnails: Thumbnails): string {
  const thumbnail = thumbnails.get(fileName);
  const frame = `<rect x="${x}" y="${y}" width="${side}" height="${side}" class="f-paper s-ink" stroke-width="0.75"/>`;
  const picture = thumbnail
    ? `<image x="${x}" y="${y}" width="${side}" height="${side}" preserveAspectRatio="xMidYMid slice" href="${imageData(thumbnail)}"/>`
    : '';
  return `<g><title>${escaped(fileName)}</title>${frame}${picture}</g>`;
}
