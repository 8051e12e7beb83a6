/** `msgtrk sentinel`: what Microsoft Sentinel needs before events can be delivered there. */
import { Command, Option } from 'commander'
import type { CommandContext } from '../command-context.ts'
import { sentinelTemplate, type TemplateTable } from '../sentinel/template.ts'

const details = `
The template is deployed once, into the resource group of the workspace. Its output "to" is the address of the destination:

  msgtrk sentinel template > msgtrk.json
  az deployment group create --resource-group RG --template-file msgtrk.json \\
     --parameters workspaceName=WORKSPACE principalId=OBJECT-ID --query properties.outputs.to.value

docs/sentinel.md leads from nothing to the first rows.`

/** The command. */
export function sentinelCommand({ stdout = process.stdout }: Partial<CommandContext> = {}): Command {
  const command = new Command('sentinel')
    .description('Print what Microsoft Sentinel needs to take events.')
    .addHelpText('after', details)
  command
    .command('template')
    .description('An ARM template: table, data collection rule, role, diagnostics and alerts.')
    .addOption(
      new Option('--table <name>', 'the table that events are for')
        .choices(['MessageTrackingLog_CL', 'CommonSecurityLog'])
        .default('MessageTrackingLog_CL'),
    )
    .action(({ table }: { readonly table: TemplateTable }) => {
      stdout.write(`${JSON.stringify(sentinelTemplate(table), null, 2)}\n`)
    })
  return command
}
