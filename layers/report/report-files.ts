import type { Run } from '#contracts/items';
import type { RunDecision, RunPlanHeader } from '#contracts/run-plan';
import { type ArtifactFile, JSON_CONTENT_TYPE } from './artifact-file.ts';
import { buildReport } from './build-report.ts';
import type { Thumbnails } from './document/report-document.ts';
import { runDocument } from './document/run-document.ts';
import { htmlReport } from './html/html-report.ts';
import { pdfReport } from './pdf/pdf-report.ts';

type ReportedRun = Pick<Run, 'id' | 'createdAt' | 'messages'>;

/**
 * The reports of a run: for people as PDF and HTML, for programs as the protocol's `report_v2.json`. The same run, plan
 * and thumbnails give the same bytes.
 */
export async function reportFiles(
  run: ReportedRun,
  header: RunPlanHeader,
  decisions: readonly RunDecision[],
  thumbnails: Thumbnails,
): Promise<ArtifactFile[]> {
  const document = runDocument(run, header, decisions);
  return [
    {
      type: 'REPORT_PDF',
      fileName: 'report.pdf',
      contentType: 'application/pdf',
      content: await pdfReport(document, thumbnails),
    },
    {
      type: 'REPORT_HTML',
      fileName: 'report.html',
      contentType: 'text/html; charset=utf-8',
      content: htmlReport(document, thumbnails),
    },
    {
      type: 'REPORT_V2_JSON',
      fileName: 'report_v2.json',
      contentType: JSON_CONTENT_TYPE,
      content: `${JSON.stringify(buildReport(run, header))}\n`,
    },
  ];
}
