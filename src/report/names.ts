/** The names of reporters, for the command line: without what they are made of. */
export const REPORTER_NAMES = ['terminal', 'json'] as const
export type ReporterName = (typeof REPORTER_NAMES)[number]
