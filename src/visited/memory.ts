/** Where the arrays of a search lie: in memory of its own, or in memory that worker threads share. */
export type Memory = (bytes: number) => ArrayBuffer | SharedArrayBuffer

export const PRIVATE: Memory = (bytes) => new ArrayBuffer(bytes)
export const SHARED: Memory = (bytes) => new SharedArrayBuffer(bytes)
