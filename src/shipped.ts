/** Files that come with the program, beside `src/` and `dist/`. */

/** Where such a file is, by its path in the package. The same way up from `src/` and from the bundle in `dist/`. */
export function shipped(path: string): URL {
  return new URL(`../${path}`, import.meta.url)
}
