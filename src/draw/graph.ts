/** A graph of states, or of the states of a machine, as DOT: data in, text out. */
import { COLORS } from './dot.ts'
import { counted, dotString, leftLines, wrap } from './labels.ts'

export interface GraphNode {
  readonly id: string
  /** The first line is the heading. Default: the id. */
  readonly lines?: readonly string[]
  readonly kind?: 'initial' | 'final' | 'bad'
  /** Shown when the pointer rests on the node. */
  readonly tooltip?: string
}

export interface GraphEdge {
  readonly from: string
  readonly to: string
  readonly label?: string
  readonly kind?: 'failing' | 'faint'
}

export interface GraphOptions {
  readonly title?: string
  readonly direction?: 'down' | 'right'
  /** More nodes are left out, which the title says: layout of more takes long and shows little. */
  readonly maxNodes?: number
}

export const MAX_NODES = 300

/** Edges between the same two nodes become one, with a line per label. */
export function graphToDot(nodes: readonly GraphNode[], edges: readonly GraphEdge[], options: GraphOptions = {}): string {
  const max = options.maxNodes ?? MAX_NODES
  const drawn = nodes.slice(0, max)
  const known = new Set(drawn.map(({ id }) => id))
  const title = options.title === undefined ? [] : wrap(options.title, 76)
  if (nodes.length > max) title.push(`${counted(nodes.length - max, 'node')} of ${nodes.length} left out`)
  const label = title.length === 0 ? '' : ` label="${leftLines([...title, ' '])}" labelloc=t labeljust=l`
  const out = [
    `digraph ${dotString(options.title ?? 'graph')} {`,
    `  graph [class="states"${label} rankdir=${options.direction === 'right' ? 'LR' : 'TB'} fontname="Courier" fontsize=14 fontcolor="${COLORS.ink}" bgcolor="white" nodesep=0.4 ranksep=0.45 pad=0.2]`,
    `  node [shape=box style="rounded,filled" fillcolor="white" fontname="Courier" fontsize=12 color="${COLORS.line}" fontcolor="${COLORS.ink}" margin="0.16,0.08"]`,
    `  edge [fontname="Courier" fontsize=11 color="${COLORS.line}" fontcolor="${COLORS.ink}" arrowsize=0.8]`,
  ]
  for (const node of drawn) {
    const lines = (node.lines ?? [node.id]).flatMap((line) => wrap(line, 60, '  '))
    const tooltip = node.tooltip === undefined ? '' : ` tooltip=${dotString(node.tooltip)}`
    out.push(
      `  ${dotString(node.id)} [class="vertex" label="${lines.length === 1 ? leftLines(lines).slice(0, -2) : leftLines(lines)}"${LOOK[node.kind ?? '']}${tooltip}]`,
    )
  }
  for (const parallel of grouped(edges.filter(({ from, to }) => known.has(from) && known.has(to)))) {
    const { from, to, kind } = parallel[0] as GraphEdge
    const labels = [...new Set(parallel.flatMap((edge) => edge.label ?? []))].flatMap((text) => wrap(` ${text}`, 40, '   '))
    const text = labels.length === 0 ? '' : ` label="${leftLines(labels)}"`
    out.push(`  ${dotString(from)} -> ${dotString(to)} [class="transition"${text}${LOOK[kind ?? '']}]`)
  }
  out.push('}', '')
  return out.join('\n')
}

const LOOK: Readonly<Record<string, string>> = {
  '': '',
  initial: ' penwidth=2.5 fillcolor="#e8eef5"',
  final: ' peripheries=2',
  bad: ` penwidth=3 color="${COLORS.red}" fillcolor="${COLORS.pink}"`,
  failing: ` style=dashed penwidth=2 color="${COLORS.red}" fontcolor="${COLORS.red}"`,
  faint: ` style=dotted color="${COLORS.faint}" fontcolor="${COLORS.faint}"`,
}

function grouped(edges: readonly GraphEdge[]): Iterable<readonly GraphEdge[]> {
  const groups = new Map<string, GraphEdge[]>()
  for (const edge of edges) {
    const key = JSON.stringify([edge.from, edge.to]) + (edge.kind ?? '')
    const group = groups.get(key)
    if (group) group.push(edge)
    else groups.set(key, [edge])
  }
  return groups.values()
}
