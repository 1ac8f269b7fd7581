/** The name under which the module made of a spec file is kept for other threads: see `getEnvironmentData` of Node.js. */
export const bundleName = (path: string): string => `tsmc bundle of ${path}`
