/** A layout may take only so long; afterwards another one is drawn. */
import { expect, test } from 'vitest'
import { renderSvg } from '../../src/draw/svg.ts'

test('a layout without end', async () => {
  const edges = Array.from({ length: 4000 }, (_, i) => `n${(i * 7919) % 900} -> n${(i * 104729) % 900}`).join(';')
  await expect(renderSvg(`digraph { ${edges} }`, 0.02)).rejects.toThrow('the layout took more than 0.02 seconds')
  expect(await renderSvg('digraph { a -> b }')).toContain('<title>a-&gt;b</title>')
})
