/** Quiet type, one column, one colour for the selection and one for what it is compared with; light, dark, printed. */
export const STYLE_SHEET = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #16191d; --muted: #667080; --grid: #dfe3e8; --panel: #f5f6f8;
  --accent: #17609e; --accentSoft: rgb(23 96 158 / 22%);
  --baseline: #c76a15; --baselineSoft: rgb(199 106 21 / 22%);
  --neutral: #aab2bd; --neutralSoft: #e3e7ec;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --ink: #eceff2; --muted: #98a2ae; --grid: #2d333a; --panel: #1c2025;
    --accent: #62aeea; --accentSoft: rgb(98 174 234 / 30%);
    --baseline: #e8964a; --baselineSoft: rgb(232 150 74 / 28%);
    --neutral: #5f6975; --neutralSoft: #333a42;
  }
}
@media print {
  :root {
    color-scheme: light;
    --paper: #ffffff; --ink: #16191d; --muted: #58616d; --grid: #dfe3e8; --panel: #f5f6f8;
    --accent: #17609e; --accentSoft: rgb(23 96 158 / 22%);
    --baseline: #c76a15; --baselineSoft: rgb(199 106 21 / 22%);
    --neutral: #aab2bd; --neutralSoft: #e3e7ec;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.55 "Helvetica Neue", Helvetica, Arial, "Liberation Sans", sans-serif;
  font-variant-numeric: tabular-nums;
}
main { max-width: 768px; margin: 0 auto; padding: 56px 24px 72px; }
h1 { font-size: 34px; line-height: 1.15; font-weight: 600; letter-spacing: -0.015em; margin: 0 0 10px; overflow-wrap: anywhere; }
h2 { font-size: 20px; line-height: 1.25; font-weight: 600; letter-spacing: -0.005em; margin: 56px 0 14px; padding-top: 16px; border-top: 1px solid var(--grid); overflow-wrap: anywhere; }
h3 { font-size: 15px; font-weight: 600; margin: 28px 0 10px; }
p { margin: 0 0 14px; max-width: 64ch; }
.kicker { color: var(--muted); font-size: 13px; margin: 0 0 6px; }
.subtitle { color: var(--muted); margin: 0; }
.figures-key { display: grid; grid-template-columns: repeat(auto-fit, minmax(104px, 1fr)); gap: 4px 20px; margin: 34px 0 0; }
.figures-key div { border-top: 2px solid var(--grid); padding-top: 8px; }
.figures-key div.main { border-top-color: var(--accent); }
.figures-key b { display: block; font-size: 25px; line-height: 1.2; font-weight: 600; letter-spacing: -0.01em; }
.figures-key .main b { color: var(--accent); }
.figures-key span { color: var(--muted); font-size: 12.5px; }
.drawings { display: flex; flex-wrap: wrap; gap: 26px 24px; margin: 0 0 18px; }
svg { max-width: 100%; height: auto; font-family: inherit; overflow: visible; display: block; }
.dots { stroke-linecap: round; fill: none; }
.f-none { fill: none; } .f-paper { fill: var(--paper); }
${inkRules()}
.figures { display: flex; flex-wrap: wrap; gap: 20px 20px; margin: 0 0 12px; }
figure { margin: 0; break-inside: avoid; }
.images { display: flex; gap: 8px; }
.image { width: 102px; font-size: 11.5px; line-height: 1.35; }
.image img, .image .missing { display: block; width: 102px; height: 102px; object-fit: contain; background: var(--panel); border: 1px solid transparent; }
.image.chosen img, .image.chosen .missing { border: 2px solid var(--accent); }
.missing { display: grid !important; place-content: center; text-align: center; color: var(--muted); padding: 6px; }
.image .label { color: var(--muted); }
.image.chosen .label { color: var(--accent); }
.image .name { overflow-wrap: anywhere; }
figcaption { color: var(--muted); font-size: 12px; margin-top: 2px; }
.more { color: var(--muted); font-size: 13px; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; margin: 0 0 12px; }
th, td { text-align: left; vertical-align: top; padding: 6px 16px 6px 0; border-bottom: 1px solid var(--grid); overflow-wrap: anywhere; }
th { color: var(--muted); font-weight: 400; }
td:first-child { min-width: 9em; }
ul { margin: 0 0 14px; padding-left: 1.15em; max-width: 68ch; }
li { margin-bottom: 4px; overflow-wrap: anywhere; }
footer { color: var(--muted); font-size: 12.5px; margin-top: 56px; padding-top: 14px; border-top: 1px solid var(--grid); }
@media print { main { max-width: none; padding: 0; } h2 { break-after: avoid; } svg { break-inside: avoid; } }
`;

function inkRules(): string {
  const inks = [
    ...['ink', 'muted', 'grid', 'accent', 'accentSoft'],
    ...['baseline', 'baselineSoft', 'neutral', 'neutralSoft'],
  ];
  return inks
    .map((ink) => `.f-${ink} { fill: var(--${ink}); } .s-${ink} { stroke: var(--${ink}); }`)
    .join('\n');
}
