import type { Run } from '#contracts/items';
import type { RunDecision, RunPlanHeader } from '#contracts/run-plan';
import { buildReport } from '../build-report.ts';
import { countText, durationText, percentText, timeText } from '../drawing/number-text.ts';
import { flowSection, samplesAfter } from './flow-section.ts';
import {
  duplicateSection,
  groupSection,
  pairSection,
  refusedSection,
  selectedSection,
} from './image-sections.ts';
import { metadataSection } from './metadata-section.ts';
import { planeSection } from './plane-section.ts';
import { predictionSections } from './prediction-section.ts';
import { qualitySection } from './quality-section.ts';
import type { KeyFigure, ReportDocument, Section } from './report-document.ts';
import { runSections } from './run-section.ts';
import { shownDecisions } from './shown-decisions.ts';

/** What a report of a run says. The same run and plan say the same. */
export function runDocument(
  run: Pick<Run, 'id' | 'createdAt' | 'messages'>,
  header: RunPlanHeader,
  decisions: readonly RunDecision[],
): ReportDocument {
  const { analysis } = header;
  const shown = shownDecisions(decisions);
  const information = analysis.datasetAnalysis;
  const sections: (Section | undefined)[] = [
    flowSection(header),
    qualitySection(information.embeddingInformation),
    planeSection(information.embeddingInformation.scatterPlotData),
    selectedSection(shown.selected, header.counts.selected),
    pairSection(analysis.selectedAndRemovedImageExamples),
    groupSection(shown),
    duplicateSection(shown, header.counts.duplicate),
    metadataSection(information.metadataInformation),
    ...predictionSections(analysis.predictionTaskInformation),
    refusedSection(decisions),
    ...runSections(run, header),
  ];
  const report = buildReport(run, header);
  const { totalProcessingTimeS } = report.generalInformation.runInformation;
  return {
    title: header.datasetName,
    subtitle: [
      `Selection of ${timeText(run.createdAt)}, which took ${durationText(totalProcessingTimeS * 1000)}`,
      `Run ${run.id}`,
    ],
    keyFigures: keyFigures(header),
    sections: sections.filter((section) => section !== undefined),
    colophon: `${header.workerVersion} · run ${run.id}`,
    createdAt: run.createdAt,
  };
}

function keyFigures(header: RunPlanHeader): KeyFigure[] {
  const { counts } = header;
  const { refreshed, ...read } = counts;
  const input = Object.values(read).reduce((sum, count) => sum + count, 0);
  const figures: KeyFigure[] = [
    { value: countText(input), label: 'images read' },
    { value: countText(counts.selected), label: 'selected', isMain: true },
    { value: input > 0 ? percentText(counts.selected / input) : '–', label: 'of the images' },
    { value: countText(counts.duplicate + counts['near-duplicate']), label: 'copies left out' },
    { value: countText(counts.corrupt + counts.unsupported), label: 'files refused' },
    { value: countText(samplesAfter(header)), label: 'in the dataset now' },
  ];
  return refreshed > 0 ? [...figures, { value: countText(refreshed), label: 'samples refreshed' }] : figures;
}
