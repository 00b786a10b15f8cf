import type {
  Block,
  Figure,
  KeyFigure,
  ReportDocument,
  Section,
  ShownImage,
  Thumbnails,
} from '../document/report-document.ts';
import { drawingToSvg } from './drawing-to-svg.ts';
import { escaped } from './escape.ts';
import { imageData } from './image-data.ts';
import { STYLE_SHEET } from './style-sheet.ts';

/** File names are elided by the reader's eye, not by us, up to this many characters. */
const LONGEST_NAME = 64;

/** One file that needs no script, no network and no other file. */
export function htmlReport(document: ReportDocument, thumbnails: Thumbnails): string {
  const title = escaped(document.title);
  const subtitle = document.subtitle.map((line) => `<p class="subtitle">${escaped(line)}</p>`);
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    // What a file name might smuggle in could load nothing.
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">`,
    `<title>${title}: selection report</title>`,
    `<style>${STYLE_SHEET}</style>`,
    '</head>',
    '<body>',
    '<main>',
    '<header>',
    '<p class="kicker">Selection report</p>',
    `<h1>${title}</h1>`,
    ...subtitle,
    `<div class="figures-key">${document.keyFigures.map(keyFigure).join('')}</div>`,
    '</header>',
    ...document.sections.map((section) => sectionToHtml(section, thumbnails)),
    `<footer>${escaped(document.colophon)}</footer>`,
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

const keyFigure = ({ value, label, isMain = false }: KeyFigure): string =>
  `<div${isMain ? ' class="main"' : ''}><b>${escaped(value)}</b><span>${escaped(label)}</span></div>`;

function sectionToHtml({ title, blocks }: Section, thumbnails: Thumbnails): string {
  const content = blocks.map((block) => blockToHtml(block, thumbnails));
  return ['<section>', `<h2>${escaped(title)}</h2>`, ...content, '</section>'].join('\n');
}

function blockToHtml(block: Block, thumbnails: Thumbnails): string {
  switch (block.kind) {
    case 'text':
      return `<p>${escaped(block.text)}</p>`;
    case 'heading':
      return `<h3>${escaped(block.text)}</h3>`;
    case 'drawings':
      return `<div class="drawings">${block.drawings.map((one) => drawingToSvg(one, thumbnails)).join('\n')}</div>`;
    case 'figures':
      return `<div class="figures">${block.figures.map((one) => figureToHtml(one, thumbnails)).join('\n')}</div>${more(block.more)}`;
    case 'table':
      return tableToHtml(block) + more(block.more);
    case 'list':
      return `<ul>${block.items.map((item) => `<li>${escaped(item)}</li>`).join('')}</ul>`;
    default:
      return block satisfies never;
  }
}

const more = (text: string | undefined): string =>
  text === undefined ? '' : `<p class="more">${escaped(text)}</p>`;

function tableToHtml({ columns, rows }: Block & { kind: 'table' }): string {
  const cells = (row: readonly string[]): string =>
    `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`;
  const head = columns.some((column) => column !== '')
    ? `<tr>${columns.map((column) => `<th>${escaped(column)}</th>`).join('')}</tr>`
    : '';
  return `<table>${head}${rows.map(cells).join('\n')}</table>`;
}

function figureToHtml({ images, caption }: Figure, thumbnails: Thumbnails): string {
  const shown = images.map((image) => imageToHtml(image, thumbnails)).join('');
  const below = caption === undefined ? '' : `<figcaption>${escaped(caption)}</figcaption>`;
  return `<figure><div class="images">${shown}</div>${below}</figure>`;
}

function imageToHtml({ fileName, label, isChosen = false }: ShownImage, thumbnails: Thumbnails): string {
  const thumbnail = thumbnails.get(fileName);
  const name = escaped(fileName);
  const picture = thumbnail
    ? `<img src="${imageData(thumbnail)}" width="${thumbnail.width}" height="${thumbnail.height}" alt="">`
    : '<div class="missing">no thumbnail</div>';
  const above = label === undefined ? '' : `<div class="label">${escaped(label)}</div>`;
  const short = escaped(shortName(fileName));
  return `<div class="image${isChosen ? ' chosen' : ''}" title="${name}">${picture}${above}<div class="name"><bdi>${short}</bdi></div></div>`;
}

function shortName(fileName: string): string {
  const characters = Array.from(fileName);
  if (characters.length <= LONGEST_NAME) return fileName;
  const half = LONGEST_NAME / 2;
  return `${characters.slice(0, half).join('')}…${characters.slice(-half + 1).join('')}`;
}
