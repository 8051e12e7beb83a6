/** Process entry of the executable (decision 58): as `main.ts`, but all that it loads is within the same file. */
import { begin } from './package/begin.ts'

begin(process)
void import('./cli/program.ts')
