# Runs blocks of R as a reader does, one behind the other, and writes what they leave: tests/exports/r.py reads it.
# A plan is a folder; each job in it a folder with `folder` (where it runs) and 00.R, 01.R, ...

# Most texts are printable and stand as they are; of the others the bytes.
as_line <- function(text) {
  if (length(text) == 0) return(character()) # paste0() makes one text of none.
  text <- enc2utf8(text)
  odd <- which(!is.na(text) & !grepl("^[ -~]*$", text, useBytes = TRUE))
  lines <- paste0("t", text)
  lines[odd] <- paste0("x", vapply(text[odd], function(one) paste(charToRaw(one), collapse = ""), ""))
  lines
}

written <- function(values) {
  kind <- if (inherits(values, "POSIXct")) "time" else class(values)[1]
  text <- switch(kind,
    character = as_line(values),
    factor = as_line(as.character(values)),
    time = sprintf("%.3f", as.numeric(values)),
    logical = as.character(values),
    numeric = ,
    integer = sprintf("%.17g", as.numeric(values)),
    as.character(values)
  )
  text[is.na(values)] <- "NA" # No text looks like it, for each begins with t or x.
  c(kind, text)
}

dump <- function(frame, path) {
  dir.create(path)
  for (name in names(frame)) {
    writeLines(written(frame[[name]]), file.path(path, name))
  }
}

# Debian has neither of the two packages that read Parquet. Without them a file that is there is read from
# the CSV beside it, so that the lines around read_parquet() are run all the same.
instead_of_parquet <- function(path) {
  stopifnot(file.exists(path))
  read.csv(sub("parquet$", "csv", path), na.strings = "", encoding = "UTF-8")
}

run <- function(job) {
  setwd(readLines(file.path(job, "folder"), encoding = "UTF-8"))
  left_by <- new.env(parent = globalenv())
  left_by$library <- function(package, ...) {
    package <- as.character(substitute(package))
    if (package %in% c("nanoparquet", "arrow") && !requireNamespace(package, quietly = TRUE)) {
      left_by$read_parquet <- instead_of_parquet
    } else {
      suppressPackageStartupMessages(base::library(package, character.only = TRUE))
    }
  }
  # A reader's own environment is the global one; here each job has one.
  left_by$source <- function(file, ...) base::source(file, local = left_by, ...)
  before <- list()
  for (block in sort(list.files(job, "[.]R$"))) {
    left <- file.path(job, sub("[.]R$", "", block))
    dir.create(left)
    code <- parse(file.path(job, block), encoding = "UTF-8")
    said <- capture.output(for (line in code) {
      shown <- withVisible(eval(line, left_by))
      if (shown$visible) print(shown$value)
    })
    writeLines(said, file.path(left, "printed"))
    for (name in ls(left_by)) {
      found <- left_by[[name]]
      if (identical(found, before[[name]])) next
      if (is.data.frame(found)) {
        dump(found, file.path(left, name))
      } else if (is.list(found) && all(vapply(found, is.data.frame, TRUE))) {
        for (one in names(found)) dump(found[[one]], file.path(left, paste0(name, "$", one)))
      }
    }
    before <- as.list(left_by)
  }
}

needed <- c("readr", "jsonlite", "httr2")
if (!all(vapply(needed, requireNamespace, TRUE, quietly = TRUE))) quit(status = 3)
options(warn = 2, width = 200) # A warning is a value that was not read.
plan <- commandArgs(trailingOnly = TRUE)[1]
for (job in sort(list.dirs(plan, recursive = FALSE))) {
  tryCatch(run(job), error = function(error) {
    writeLines(conditionMessage(error), file.path(job, "failed"))
  })
}
