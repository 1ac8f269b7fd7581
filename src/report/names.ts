/** The names of reporters, for the command line: without what they are made of. */
export const REPORTER_NAMES = ['terminal', 'json'] as const
export type ReporterName = (typeof REPORTER_NAMES)[number]

/** Whether what a reporter tells is the document of the run, which is written when it has ended, whatever ended it (document.ts). */
export const IS_DOCUMENT: Readonly<Record<ReporterName, boolean>> = { terminal: false, json: true }
