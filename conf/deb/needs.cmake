# Run by cpack before it makes the package. Without dpkg-shlibdeps it would only print a line, and the package would
# name none of the libraries that the program needs.
foreach(program file dpkg-shlibdeps)
  find_program(${program}_found ${program})
  if(NOT ${program}_found)
    message(FATAL_ERROR "cpack needs ${program}: apt-get install file dpkg-dev")
  endif()
endforeach()
