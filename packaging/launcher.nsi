; Negatoscope.exe: starts the window with the Python beside it. Built by packaging/windows_payload.py:
;   makensis -DOUT=dist/windows/Negatoscope.exe packaging/launcher.nsi
Target amd64-unicode
Unicode true
!ifndef OUT
  !error "Say where the launcher is to be written: makensis -DOUT=FILE packaging/launcher.nsi"
!endif
!include "FileFunc.nsh"

Name "Negatoscope"
OutFile "${OUT}"
SilentInstall silent
RequestExecutionLevel user
ManifestDPIAware true
ManifestSupportedOS Win10
AutoCloseWindow true

Section
  ${GetParameters} $R0
  SetOutPath "$EXEDIR"
  IfFileExists "$EXEDIR\python\pythonw.exe" +3
    MessageBox MB_OK|MB_ICONSTOP "The installation is incomplete: python\pythonw.exe is missing. Install Negatoscope again."
    Quit
  Exec '"$EXEDIR\python\pythonw.exe" -m viewer $R0'
SectionEnd
