/** Bundles the command and the library into a directory, dist by default; gives back the names of the files. */
export function bundle(directory?: string): Promise<string[]>
