// Before anything else: what a spec must not read is trapped when the library is loaded.
import './host/node.ts'

export * from './api.ts'
