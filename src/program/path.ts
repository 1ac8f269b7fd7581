/**
 * The one string that replays a behaviour: which initial state, then which action with which choices.
 *
 * `0~2.5.3~0~1` starts from initialisation 0 with pick 2, then takes action instance 5 without picks, then instance 3 with picks 0 and 1.
 * Action instances are numbered through all actions in order, each with all combinations of its parameters, the last parameter fastest.
 * A pick is the number of the chosen one among the alternatives that exist in that state.
 */
export interface PathStep {
  readonly instance: number
  readonly picks: readonly number[]
}

/** The first element chooses the initialisation; a model without `init` has number 0. */
export type Path = readonly PathStep[]

export function formatPath(path: Path): string {
  return path.map(({ instance, picks }) => [instance, ...picks].join('~')).join('.')
}

/** undefined where the text is no path. */
export function parsePath(text: string): Path | undefined {
  if (!/^\d+(~\d+)*(\.\d+(~\d+)*)*$/.test(text)) return undefined
  return text.split('.').map((step) => {
    const [instance, ...picks] = step.split('~').map(Number)
    return { instance: instance as number, picks }
  })
}
