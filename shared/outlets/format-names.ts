/** The formats, by the names that the command line and the window use. */
export const FORMATS = ['jsonl', 'csv', 'ocsf', 'cef', 'syslog'] as const
export type Format = (typeof FORMATS)[number]
