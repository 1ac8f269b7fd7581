/** Bundles the command and the library into dist; gives back the names of the files. */
export function bundle(): Promise<string[]>
