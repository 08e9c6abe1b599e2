import E3xCommandLine

E3xProgram.main()
