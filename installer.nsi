; The installer for Windows 10 and later, x64. It packages a folder that a build made and nothing else:
;   python packaging/windows_payload.py --python-dir FOLDER
;   makensis -DDIST=dist/windows -DVERSION=0.1.0 -DOUT=dist/Negatoscope-0.1.0-setup.exe installer.nsi
; Silent: setup.exe /S [/D=C:\Folder]; uninstall.exe /S
Target amd64-unicode
Unicode true

!ifndef DIST
  !error "Build first, then say where: makensis -DDIST=dist/windows -DVERSION=0.1.0 -DOUT=setup.exe installer.nsi"
!endif
!if ! /FileExists "${DIST}/Negatoscope.exe"
  !error "There is no build in ${DIST} (no Negatoscope.exe): run packaging/windows_payload.py first."
!endif
!ifndef VERSION
  !error "Say which version this is: -DVERSION=0.1.0"
!endif
!ifndef OUT
  !error "Say where the installer is to be written: -DOUT=dist/Negatoscope-${VERSION}-setup.exe"
!endif

!define NAME "Negatoscope"
!define PROGID "Negatoscope.DICOM"
!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\${NAME}"
!define APP_KEY "Software\${NAME}"

!include "MUI2.nsh"
!include "FileFunc.nsh"
!include "WinVer.nsh"
!include "x64.nsh"

Name "${NAME} ${VERSION}"
OutFile "${OUT}"
InstallDir "$PROGRAMFILES64\${NAME}"
RequestExecutionLevel admin
SetCompressor /SOLID lzma
ManifestDPIAware true
ManifestSupportedOS Win10
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "${NAME}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "${NAME} setup"
VIAddVersionKey "LegalCopyright" "The Negatoscope authors, MIT licence"

!define MUI_ABORTWARNING
!define MUI_WELCOMEPAGE_TEXT "${NAME} opens DICOM studies on the screen.$\r$\n$\r$\nIt is not a medical device. It has no \
clearance, approval or CE mark, and must not be used for primary diagnosis, treatment decisions or mammography reading."
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_LICENSE "${DIST}/LICENSE.txt"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "$INSTDIR\Negatoscope.exe"
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

Function .onInit
  ${IfNot} ${RunningX64}
    MessageBox MB_OK|MB_ICONSTOP "${NAME} needs a 64-bit Windows." /SD IDOK
    SetErrorLevel 3
    Quit
  ${EndIf}
  ${IfNot} ${AtLeastWin10}
    MessageBox MB_OK|MB_ICONSTOP "${NAME} needs Windows 10 or later." /SD IDOK
    SetErrorLevel 3
    Quit
  ${EndIf}
  SetRegView 64
  SetShellVarContext all
  ; an earlier installation decides the folder, unless one was named with /D
  ReadRegStr $0 HKLM "${APP_KEY}" "InstallDir"
  ${If} $0 != ""
  ${AndIf} $INSTDIR == "$PROGRAMFILES64\${NAME}"
    StrCpy $INSTDIR $0
  ${EndIf}
FunctionEnd

Section "Program"
  SetRegView 64
  SetShellVarContext all
  ; an earlier version in this folder is removed by its own uninstaller, which knows what it wrote
  ${If} ${FileExists} "$INSTDIR\uninstall.exe"
    ExecWait '"$INSTDIR\uninstall.exe" /S _?=$INSTDIR'
    Delete "$INSTDIR\uninstall.exe"
  ${EndIf}
  ; the uninstaller will remove these two folders, so they must be ours alone
  ${If} ${FileExists} "$INSTDIR\python\*.*"
  ${OrIf} ${FileExists} "$INSTDIR\pkgs\*.*"
    MessageBox MB_OK|MB_ICONSTOP "$INSTDIR holds a folder python or pkgs of something else. Choose another folder." /SD IDOK
    SetErrorLevel 4
    Abort
  ${EndIf}

  SetOutPath "$INSTDIR\python"
  File /r "${DIST}/python/*"
  SetOutPath "$INSTDIR\pkgs"
  File /r "${DIST}/pkgs/*"
  SetOutPath "$INSTDIR"
  File "${DIST}/Negatoscope.exe"
  File "${DIST}/LICENSE.txt"
  File "${DIST}/THIRD_PARTY_LICENSES.txt"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\Negatoscope.exe"

  ; "Open with" for .dcm; whatever opens it by default stays the default
  WriteRegStr HKLM "Software\Classes\${PROGID}" "" "DICOM image"
  WriteRegStr HKLM "Software\Classes\${PROGID}\DefaultIcon" "" "$INSTDIR\Negatoscope.exe,0"
  WriteRegStr HKLM "Software\Classes\${PROGID}\shell\open\command" "" '"$INSTDIR\Negatoscope.exe" "%1"'
  WriteRegStr HKLM "Software\Classes\.dcm\OpenWithProgids" "${PROGID}" ""

  WriteRegStr HKLM "${APP_KEY}" "InstallDir" "$INSTDIR"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "DisplayName" "${NAME}"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "DisplayIcon" "$INSTDIR\Negatoscope.exe"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKLM "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKLM "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD HKLM "${UNINSTALL_KEY}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  IntFmt $0 "0x%08X" $0
  WriteRegDWORD HKLM "${UNINSTALL_KEY}" "EstimatedSize" "$0"
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)' ; SHCNE_ASSOCCHANGED
SectionEnd

; Removes what the installer wrote and nothing else: a reader's studies and settings are not here, and a folder
; that holds something else stays.
Section "Uninstall"
  SetRegView 64
  SetShellVarContext all
  ${IfNot} ${FileExists} "$INSTDIR\Negatoscope.exe"
    MessageBox MB_OK|MB_ICONSTOP "${NAME} is not in $INSTDIR. Nothing was removed." /SD IDOK
    SetErrorLevel 2
    Quit
  ${EndIf}
  RMDir /r "$INSTDIR\python"
  RMDir /r "$INSTDIR\pkgs"
  Delete "$INSTDIR\Negatoscope.exe"
  Delete "$INSTDIR\LICENSE.txt"
  Delete "$INSTDIR\THIRD_PARTY_LICENSES.txt"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR" ; only when it is empty
  Delete "$SMPROGRAMS\${NAME}.lnk"
  DeleteRegKey HKLM "Software\Classes\${PROGID}"
  DeleteRegValue HKLM "Software\Classes\.dcm\OpenWithProgids" "${PROGID}"
  DeleteRegKey /ifempty HKLM "Software\Classes\.dcm\OpenWithProgids"
  DeleteRegKey /ifempty HKLM "Software\Classes\.dcm"
  DeleteRegKey HKLM "${UNINSTALL_KEY}"
  DeleteRegKey HKLM "${APP_KEY}"
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
SectionEnd
