/** Directories for a moment: whoever may end this thread hears of them. */
let tell: (path: string, there: boolean) => void = () => {}

export function tellTemporary(listener: (path: string, there: boolean) => void): void {
  tell = listener
}

export const temporary = {
  made: (path: string): void => tell(path, true),
  gone: (path: string): void => tell(path, false),
}
