/**
 * A template for Azure Resource Manager: all that delivery into a workspace needs, and what makes visible what Azure drops
 * without a word. It is deployed into the resource group of the workspace.
 */
import { type DeclaredColumn, securityColumns, trackingColumns } from './columns.ts'

export type TemplateTable = 'MessageTrackingLog_CL' | 'CommonSecurityLog'

/** A document of JSON. */
type Json = Readonly<Record<string, unknown>>

/** Monitoring Metrics Publisher: the right to write into a rule, and no other. */
const role = '3913510d-42f4-4e42-8a64-420c390055eb'
const workspaceId = "[resourceId('Microsoft.OperationalInsights/workspaces', parameters('workspaceName'))]"
const ruleId = "[resourceId('Microsoft.Insights/dataCollectionRules', parameters('ruleName'))]"
const ruleVersion = '2023-03-11'
const hasActions =
  "[if(empty(parameters('actionGroupId')), createArray(), createArray(createObject('actionGroupId', parameters('actionGroupId'))))]"
const hasAlerts = "[parameters('alerts')]"

/** The stream that the rule declares. */
export function streamOf(table: TemplateTable): string {
  return `Custom-${table}`
}

/** The template for a table. */
export function sentinelTemplate(table: TemplateTable): Json {
  const isCustom = table === 'MessageTrackingLog_CL'
  return {
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    metadata: { description: `msgtrk into ${table} of Microsoft Sentinel` },
    parameters: parametersFor(isCustom),
    resources: [
      ...(isCustom ? [tableResource(table)] : []),
      rule(table, isCustom),
      roleAssignment,
      diagnostics,
      metricAlert(
        'rows dropped',
        'RowsDropped_Count',
        'Total',
        'Rows were dropped on their way into the table.',
      ),
      metricAlert(
        'transformation errors',
        'TransformationErrors_Count',
        'Count',
        'The rule could not transform rows: its columns differ from those of the table.',
      ),
      errorAlert,
    ],
    outputs: outputsFor(table),
  }
}

function parametersFor(isCustom: boolean): Json {
  const text = (description: string, more: Json = {}) => ({
    type: 'string',
    ...more,
    metadata: { description },
  })
  return {
    workspaceName: text('Name of the Log Analytics workspace, which is in this resource group.'),
    location: text('Region of the workspace: that of the rule has to be the same.', {
      defaultValue: '[resourceGroup().location]',
    }),
    ruleName: text('Name of the data collection rule.', { defaultValue: 'dcr-msgtrk' }),
    principalId: text(
      'Object id of the service principal or managed identity of msgtrk (that of the enterprise application, not of the app registration). Empty: the role is assigned by hand.',
      { defaultValue: '' },
    ),
    ...(isCustom && {
      tablePlan: text('Plan of the table. Alerts of Sentinel need Analytics.', {
        defaultValue: 'Analytics',
        allowedValues: ['Analytics', 'Basic', 'Auxiliary'],
      }),
    }),
    alerts: {
      type: 'bool',
      defaultValue: true,
      metadata: { description: 'Whether to alert when rows are dropped.' },
    },
    actionGroupId: text(
      'Resource id of the action group that alerts notify. Empty: they only show in Azure Monitor.',
      { defaultValue: '' },
    ),
  }
}

function tableResource(table: string): Json {
  return {
    type: 'Microsoft.OperationalInsights/workspaces/tables',
    apiVersion: '2023-09-01',
    name: `[format('{0}/${table}', parameters('workspaceName'))]`,
    properties: {
      plan: "[parameters('tablePlan')]",
      schema: { name: table, columns: trackingColumns.map(inTable) },
    },
  }
}

/** The table spells this type in its own way. */
function inTable({ name, type }: DeclaredColumn): DeclaredColumn {
  return { name, type: type === 'datetime' ? 'dateTime' : type }
}

function rule(table: TemplateTable, isCustom: boolean): Json {
  const stream = streamOf(table)
  return {
    type: 'Microsoft.Insights/dataCollectionRules',
    apiVersion: ruleVersion,
    name: "[parameters('ruleName')]",
    location: "[parameters('location')]",
    kind: 'Direct',
    ...(isCustom && {
      dependsOn: [
        `[resourceId('Microsoft.OperationalInsights/workspaces/tables', parameters('workspaceName'), '${table}')]`,
      ],
    }),
    properties: {
      description: `msgtrk into ${table}`,
      streamDeclarations: { [stream]: { columns: isCustom ? trackingColumns : securityColumns } },
      destinations: { logAnalytics: [{ name: 'workspace', workspaceResourceId: workspaceId }] },
      dataFlows: [
        {
          streams: [stream],
          destinations: ['workspace'],
          transformKql: 'source',
          outputStream: isCustom ? stream : `Microsoft-${table}`,
        },
      ],
    },
  }
}

const roleAssignment: Json = {
  condition: "[not(empty(parameters('principalId')))]",
  type: 'Microsoft.Authorization/roleAssignments',
  apiVersion: '2022-04-01',
  name: `[guid(resourceGroup().id, parameters('ruleName'), parameters('principalId'), '${role}')]`,
  scope: ruleId,
  dependsOn: [ruleId],
  properties: {
    roleDefinitionId: `[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '${role}')]`,
    principalId: "[parameters('principalId')]",
    principalType: 'ServicePrincipal',
  },
}

const diagnostics: Json = {
  type: 'Microsoft.Insights/diagnosticSettings',
  apiVersion: '2021-05-01-preview',
  name: 'errors-to-workspace',
  scope: ruleId,
  dependsOn: [ruleId],
  properties: { workspaceId, logs: [{ category: 'LogErrors', enabled: true }] },
}

function metricAlert(what: string, metricName: string, timeAggregation: string, description: string): Json {
  return {
    condition: hasAlerts,
    type: 'Microsoft.Insights/metricAlerts',
    apiVersion: '2018-03-01',
    name: `[format('{0} ${what}', parameters('ruleName'))]`,
    location: 'global',
    dependsOn: [ruleId],
    properties: {
      description,
      severity: 2,
      enabled: true,
      scopes: [ruleId],
      evaluationFrequency: 'PT5M',
      windowSize: 'PT15M',
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria',
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion',
            name: 'any',
            metricNamespace: 'Microsoft.Insights/dataCollectionRules',
            metricName,
            operator: 'GreaterThan',
            threshold: 0,
            timeAggregation,
          },
        ],
      },
      actions: hasActions,
    },
  }
}

const errorAlert: Json = {
  condition: hasAlerts,
  type: 'Microsoft.Insights/scheduledQueryRules',
  apiVersion: '2022-06-15',
  name: "[format('{0} errors', parameters('ruleName'))]",
  location: "[parameters('location')]",
  kind: 'LogAlert',
  dependsOn: [ruleId],
  properties: {
    description: 'Azure Monitor took rows and could not store them.',
    severity: 2,
    enabled: true,
    scopes: [workspaceId],
    evaluationFrequency: 'PT15M',
    windowSize: 'PT15M',
    // The table is there once there was an error.
    skipQueryValidation: true,
    criteria: {
      allOf: [
        {
          query:
            "[format('DCRLogErrors | where _ResourceId endswith tolower(\"/{0}\")', parameters('ruleName'))]",
          timeAggregation: 'Count',
          operator: 'GreaterThan',
          threshold: 0,
        },
      ],
    },
    actions: {
      actionGroups:
        "[if(empty(parameters('actionGroupId')), createArray(), createArray(parameters('actionGroupId')))]",
    },
  },
}

/** What the configuration of msgtrk needs. */
function outputsFor(table: TemplateTable): Json {
  const made = `reference(resourceId('Microsoft.Insights/dataCollectionRules', parameters('ruleName')), '${ruleVersion}')`
  const endpoint = `${made}.endpoints.logsIngestion`
  return {
    to: {
      type: 'string',
      value: `[format('sentinel://{0}/{1}/${streamOf(table)}', replace(${endpoint}, 'https://', ''), ${made}.immutableId)]`,
    },
    endpoint: { type: 'string', value: `[${endpoint}]` },
    immutableId: { type: 'string', value: `[${made}.immutableId]` },
  }
}
