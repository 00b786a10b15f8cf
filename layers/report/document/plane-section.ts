import type { EmbeddingInformation, Plot2d } from '#contracts/report-v2';
import { scatterPlot } from '../drawing/scatter-plot.ts';
import type { Section } from './report-document.ts';

/** Where the images are in the plane, by two methods that see different things. */
export function planeSection({
  pcaEmbeddingData: pca,
  umapEmbeddingData: umap,
}: EmbeddingInformation['scatterPlotData']): Section | undefined {
  const drawings = [
    { title: 'Neighbourhoods (UMAP)', plot: umap },
    { title: 'Main directions (PCA)', plot: pca },
  ].filter(({ plot }) => hasPoints(plot));
  if (drawings.length === 0) return undefined;
  return {
    title: 'Where the selected images are',
    blocks: [
      {
        kind: 'text',
        text:
          'Each dot is an image; near dots look alike. UMAP keeps neighbours together and means nothing by the distance of ' +
          'far groups; PCA keeps the directions in which the images differ most.',
      },
      { kind: 'drawings', drawings: drawings.map(({ title, plot }) => scatterPlot(title, plot)) },
    ],
  };
}

const hasPoints = ({ input2dEmbeddings }: Plot2d): boolean => input2dEmbeddings.length > 0;
