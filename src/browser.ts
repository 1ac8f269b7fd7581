/** The library where there is no Node.js: what `host/` does is left out, the rest is the same. */
import { parseExpressionAt } from 'acorn'
import { useParser } from './source/parser.ts'

export * from './api.ts'

useParser(parseExpressionAt)
