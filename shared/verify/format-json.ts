import type { Report } from './report.ts'

/**
 * Reports as one JSON document: `{"format", "reports": [{"paths", …report}]}`, with the same facts as the text. Times
 * are Unix milliseconds, ids and keys base64url.
 */
export function formatJson(reports: readonly { readonly files: readonly string[]; readonly report: Report }[]): string {
  const listed = reports.map(({ files, report }) => ({ paths: files, ...report }))
  return `${JSON.stringify({ format: 'lockbox-reports/3', reports: listed }, null, 2)}\n`
}
