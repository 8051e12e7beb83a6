/** The database that a package of the Windows installer is, table by table, as the installer's documentation has them. */
import { customActions, installSequence } from './msi-actions.ts'

/** A table: names, types and keys of its columns, and its rows. */
export interface MsiTable {
  readonly name: string
  /** `s72` is a text of 72 characters, `S72` may be empty; `i2`, `I4` numbers of so many bytes. */
  readonly columns: readonly (readonly [name: string, type: string])[]
  /** How many of the first columns are the key. */
  readonly keys: number
  readonly rows: readonly (readonly (string | number)[])[]
}

/** A file that is installed. */
export interface MsiFile {
  /** Its key, by which it is named in the cabinet. */
  readonly key: string
  readonly name: string
  readonly bytes: number
  /** Of a program that has one in its properties; others are known by their hash. */
  readonly version?: string
  /** MD5. */
  readonly hash: Buffer
}

export interface MsiContents {
  /** Three numbers. */
  readonly version: string
  readonly productCode: string
  readonly packageCode: string
  readonly homepage: string
  /** In the order of the cabinet: the program is the first. */
  readonly files: readonly MsiFile[]
  /** `2026/11/28 12:00:00`. */
  readonly time: string
}

export const cabinet = 'msgtrk.cab'
/** All versions are upgrades of each other, whichever Node.js is within. */
const upgradeCode = '{6E2C6D1E-8B8B-4B60-9A44-0C9A4B3C5D11}'
const is64Bit = 256
const isVital = 512
const stopsBoth = 2 + 32

/** Components by name, with the folder of each; for ever the same. */
const components = [
  ['Program', '{BDEC9E1F-3642-46FD-801F-F4BEB6667F45}', 'INSTALLDIR'],
  ['Data', '{B51B6EE0-241B-41BD-B9D5-D6C22275363E}', 'DATADIR'],
] as const

export function msiTables(contents: MsiContents): readonly MsiTable[] {
  const { version, productCode, packageCode, homepage, files, time } = contents
  return [
    table('_SummaryInformation', 1, 'PropertyId:i2 Value:l255', [
      [1, '1252'],
      [2, 'Installation Database'],
      [3, 'msgtrk: Exchange message tracking logs to CEF over syslog'],
      [4, 'msgtrk'],
      [5, 'Installer'],
      [7, 'x64;1033'],
      [9, packageCode],
      [12, time],
      [13, time],
      [14, '500'],
      [15, '2'],
      [18, 'msgtrk'],
      [19, '2'],
    ]),
    table('Property', 1, 'Property:s72 Value:l0', [
      ['ALLUSERS', '1'],
      ['ARPHELPLINK', homepage],
      ['Manufacturer', 'msgtrk'],
      ['ProductCode', productCode],
      ['ProductLanguage', '1033'],
      ['ProductName', 'msgtrk'],
      ['ProductVersion', version],
      // Files that are the same in two versions are copied, too: those of the older one are removed.
      ['REINSTALLMODE', 'amus'],
      ['SecureCustomProperties', 'ACCOUNT;CONFIG;FROM;INITOPTIONS;NEWER;OLDER;TO'],
      ['UpgradeCode', upgradeCode],
    ]),
    table(
      'Upgrade',
      5,
      'UpgradeCode:s38 VersionMin:S20 VersionMax:S20 Language:S255 Attributes:i4 Remove:S255 ActionProperty:s72',
      [
        // The same version as well: a release after its candidate, or the other Node.js.
        [upgradeCode, '0.0.0', version, '', 256 + 512, '', 'OLDER'],
        [upgradeCode, version, '', '', 2, '', 'NEWER'],
      ],
    ),
    table('LaunchCondition', 1, 'Condition:s255 Description:l255', [
      ['Installed OR VersionNT >= 603', 'msgtrk needs Windows Server 2012 R2, Windows 8.1 or later.'],
      ['Installed OR NOT NEWER', 'A newer version of msgtrk is installed.'],
    ]),
    table('Directory', 1, 'Directory:s72 Directory_Parent:S72 DefaultDir:l255', [
      ['TARGETDIR', '', 'SourceDir'],
      ['ProgramFiles64Folder', 'TARGETDIR', '.'],
      ['INSTALLDIR', 'ProgramFiles64Folder', 'msgtrk'],
      ['CommonAppDataFolder', 'TARGETDIR', '.'],
      ['DATADIR', 'CommonAppDataFolder', 'msgtrk'],
    ]),
    table(
      'Component',
      1,
      'Component:s72 ComponentId:S38 Directory_:s72 Attributes:i2 Condition:S255 KeyPath:S72',
      components.map(([name, id, folder]) => [
        name,
        id,
        folder,
        is64Bit,
        '',
        name === 'Program' ? (files[0]?.key ?? '') : '',
      ]),
    ),
    table('CreateFolder', 2, 'Directory_:s72 Component_:s72', [['DATADIR', 'Data']]),
    table(
      'Feature',
      1,
      'Feature:s38 Feature_Parent:S38 Title:L64 Description:L255 Display:I2 Level:i2 Directory_:S72 Attributes:i2',
      [['Main', '', 'msgtrk', '', 2, 1, 'INSTALLDIR', 0]],
    ),
    table(
      'FeatureComponents',
      2,
      'Feature_:s38 Component_:s72',
      components.map(([name]) => ['Main', name]),
    ),
    table(
      'File',
      1,
      'File:s72 Component_:s72 FileName:l255 FileSize:i4 Version:S72 Language:S20 Attributes:I2 Sequence:i4',
      files.map(({ key, name, bytes, version }, index) => [
        key,
        'Program',
        name,
        bytes,
        version ?? '',
        version === undefined ? '' : '1033',
        isVital,
        index + 1,
      ]),
    ),
    table(
      'MsiFileHash',
      1,
      'File_:s72 Options:i2 HashPart1:i4 HashPart2:i4 HashPart3:i4 HashPart4:i4',
      files
        .filter(({ version }) => version === undefined)
        .map(({ key, hash }) => [key, 0, ...[0, 4, 8, 12].map((at) => hash.readInt32LE(at))]),
    ),
    table('Media', 1, 'DiskId:i2 LastSequence:i4 DiskPrompt:L64 Cabinet:S255 VolumeLabel:S32 Source:S72', [
      [1, files.length, '', `#${cabinet}`, '', ''],
    ]),
    table(
      'ServiceControl',
      1,
      'ServiceControl:s72 Name:l255 Event:i2 Arguments:L255 Wait:I2 Component_:s72',
      [['StopService', 'msgtrk', stopsBoth, '', 1, 'Program']],
    ),
    // At the end of the path of the system, taken away again at the end.
    table('Environment', 1, 'Environment:s72 Name:l255 Value:L255 Component_:s72', [
      ['SearchPath', '=-*Path', '[~];[INSTALLDIR]', 'Program'],
    ]),
    table('CustomAction', 1, 'Action:s72 Type:i2 Source:S72 Target:S0 ExtendedType:I4', [
      ...customActions.map((row) => [...row, '']),
    ]),
    sequence('InstallExecuteSequence', installSequence),
    sequence('InstallUISequence', [
      ...installSequence.filter(([, , at]) => at <= 1000),
      ['ExecuteAction', '', 1300],
    ]),
  ]
}

function sequence(name: string, rows: MsiTable['rows']): MsiTable {
  return table(name, 1, 'Action:s72 Condition:S255 Sequence:I2', rows)
}

function table(name: string, keys: number, columns: string, rows: MsiTable['rows']): MsiTable {
  return {
    name,
    keys,
    columns: columns.split(' ').map((each) => each.split(':') as [string, string]),
    rows,
  }
}

/** As `msibuild -i` takes it. */
export function archiveText({ name, columns, keys, rows }: MsiTable): string {
  const names = columns.map(([column]) => column)
  const lines = [names, columns.map(([, type]) => type), [name, ...names.slice(0, keys)], ...rows]
  return lines.map((line) => `${line.join('\t')}\r\n`).join('')
}
