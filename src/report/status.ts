/** One line about a search that is under way. */
import type { Progress } from '../program/result.ts'
import { number, plain, secondsText } from './text.ts'

/** `earlier` is the state of affairs some moments ago, for the speed; without it the average counts. The line fits into `width`. */
export function statusLine(name: string, progress: Progress, earlier?: Progress, width = Infinity): string {
  const time = earlier ? progress.seconds - earlier.seconds : progress.seconds
  const found = progress.distinct - (earlier?.distinct ?? 0)
  const parts = [
    plain(name),
    `${number(progress.distinct)} states`,
    ...(time > 0 ? [`${number(found / time)} distinct/s`] : []),
    `depth ${number(progress.depth)}`,
    `queue ${number(progress.queue)}`,
    `${number(progress.memory / 2 ** 20)} MB`,
    secondsText(progress.seconds),
  ]
  // The least important parts go first where there is no room.
  for (const part of [5, 4, 2, 0]) {
    if (parts.filter(Boolean).join('  ').length <= width) break
    parts[time > 0 || part < 2 ? part : part - 1] = ''
  }
  return parts.filter(Boolean).join('  ').slice(0, width)
}
