/**
 * What the Windows installer does beyond copying files: the service is left to `msgtrk service` (decision 59), so that an upgrade
 * stops and starts it and leaves it as it is. What these commands print is kept in install.log: the installer shows none of it.
 */
import { createHash } from 'node:crypto'

/** What is done, by the installer's own actions and by commands, with its condition and its place in the order. */
export type InstallerAction = readonly [name: string, condition: string, sequence: number]

/** A row of the table of custom actions. */
export type CustomAction = readonly [name: string, type: number, source: string, target: string]

/** Sets a property. */
const setProperty = 51
/** Runs a command when all that came before is done, as the system; its failure ends the installation, */
const mustRun = 34 + 1024 + 2048
/** or does not. */
const mayFail = mustRun + 64

const isThere = 'NOT REMOVE'
/** An upgrade, or a repair: both stop the service. */
const isThereAgain = '(Installed OR OLDER) AND NOT REMOVE'
/** Lies there while a service is replaced that somebody has stopped. What goes wrong with it leaves a service that is started. */
const stopped = '"[DATA]\\stopped"'
/**
 * The first time, or an upgrade, both of which take an administrator. Any user may have an installation repaired, by the system and
 * with properties of his own: only here may a command hold one.
 */
const isInstalling = 'NOT Installed'
const cmd = (line: string) => `"[System64Folder]cmd.exe" /s /c "${line}"`
const icacls = (what: string) => `"[System64Folder]icacls.exe" "[DATA]" ${what}`
const folderRights = ['*S-1-5-18:(OI)(CI)F', '*S-1-5-32-544:(OI)(CI)F', `*${serviceSid('msgtrk')}:(OI)(CI)RX`]

export const customActions: readonly CustomAction[] = [
  ['WantService', setProperty, 'WANTSERVICE', '1'],
  ['SetData', setProperty, 'DATA', '[CommonAppDataFolder]msgtrk'],
  ['SetConfig', setProperty, 'CONFIG', '[DATA]\\msgtrk.yaml'],
  ['SetAccount', setProperty, 'ACCOUNTOPTION', '--account "[ACCOUNT]"'],
  ['SetProgram', setProperty, 'PROGRAM', '"[INSTALLDIR]msgtrk.exe"'],
  ['SetLogged', setProperty, 'LOGGED', '>> "[DATA]\\install.log" 2>&1'],
  // Any user of the machine could have made that folder before, with files of his own in it: they are his no more.
  ['OwnFolder', mayFail, 'INSTALLDIR', icacls('/setowner *S-1-5-32-544 /t /l /c /q')],
  ['ResetFolder', mayFail, 'INSTALLDIR', icacls('/reset /t /l /c /q')],
  ['CloseFolder', mayFail, 'INSTALLDIR', icacls(`/inheritance:r /grant:r ${folderRights.join(' ')}`)],
  [
    'Configure',
    mustRun,
    'INSTALLDIR',
    cmd(
      // What is there already stays.
      'if not exist "[CONFIG]" [PROGRAM] init --yes --config "[CONFIG]" --from "[FROM]" --to "[TO]" --state "[DATA]\\state" [INITOPTIONS] [LOGGED]',
    ),
  ],
  [
    'InstallService',
    mustRun,
    'INSTALLDIR',
    cmd('[PROGRAM] service install --if-needed --config "[CONFIG]" [ACCOUNTOPTION] [LOGGED]'),
  ],
  [
    'NoteStopped',
    mayFail,
    'INSTALLDIR',
    // The version that is there says by 7 that it does not run.
    cmd(
      `del /q ${stopped} & [PROGRAM] service status & if errorlevel 7 if not errorlevel 8 echo stopped > ${stopped}`,
    ),
  ],
  ['StartService', mayFail, 'INSTALLDIR', cmd('[PROGRAM] service start --if-needed [LOGGED]')],
  [
    'StartServiceAgain',
    mayFail,
    'INSTALLDIR',
    cmd(`if exist ${stopped} (del /q ${stopped}) else [PROGRAM] service start --if-needed [LOGGED]`),
  ],
  ['RemoveService', mayFail, 'INSTALLDIR', cmd('[PROGRAM] service uninstall --if-needed [LOGGED]')],
]

/** In their order, among what the installer does by itself. The older version is removed within: a failure brings it back. */
export const installSequence: readonly InstallerAction[] = [
  ['FindRelatedProducts', '', 25],
  ['LaunchConditions', '', 100],
  ['ValidateProductID', '', 700],
  ['CostInitialize', '', 800],
  ['FileCost', '', 900],
  ['CostFinalize', '', 1000],
  ['WantService', 'CONFIG OR (FROM AND TO)', 1001],
  ['SetData', '', 1002],
  ['SetConfig', 'NOT CONFIG', 1003],
  ['SetAccount', 'ACCOUNT', 1004],
  ['SetProgram', '', 1005],
  ['SetLogged', '', 1006],
  ['MigrateFeatureStates', '', 1200],
  ['InstallValidate', '', 1400],
  ['InstallInitialize', '', 1500],
  ['NoteStopped', isThereAgain, 1501],
  // The removal of the older version stops the service: before it, what is noted has to be.
  ['InstallExecute', 'OLDER', 1502],
  ['RemoveExistingProducts', '', 1503],
  ['ProcessComponents', '', 1600],
  ['UnpublishFeatures', '', 1800],
  ['StopServices', 'VersionNT', 1900],
  ['RemoveService', 'REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE', 1901],
  ['RemoveEnvironmentStrings', '', 3300],
  ['RemoveFiles', '', 3500],
  ['RemoveFolders', '', 3600],
  ['CreateFolders', '', 3700],
  ['InstallFiles', '', 4000],
  ['WriteEnvironmentStrings', '', 5200],
  // In an upgrade the service has its rights already.
  ['OwnFolder', `${isInstalling} AND NOT OLDER`, 5801],
  ['ResetFolder', `${isInstalling} AND NOT OLDER`, 5802],
  ['CloseFolder', isThere, 5803],
  ['Configure', `${isInstalling} AND FROM AND TO`, 5804],
  ['InstallService', `${isInstalling} AND WANTSERVICE`, 5805],
  ['StartService', `${isInstalling} AND NOT OLDER`, 5806],
  ['StartServiceAgain', isThereAgain, 5807],
  ['RegisterUser', '', 6000],
  ['RegisterProduct', '', 6100],
  ['PublishFeatures', '', 6300],
  ['PublishProduct', '', 6400],
  ['InstallFinalize', '', 6600],
]

/** By which Windows knows a service among those who have rights; made of its name. */
function serviceSid(name: string): string {
  const digest = createHash('sha1').update(name.toUpperCase(), 'utf16le').digest()
  return ['S-1-5-80', ...[0, 4, 8, 12, 16].map((at) => digest.readUInt32LE(at))].join('-')
}
