# Replays an assignment: whether every place and every row is what the seed gives. In R, with the package digest
# (Debian: r-cran-digest), and without any of the code that made them.
#
#   Rscript replay.R FOLDER SEED [HASH]
#
# FOLDER holds assignment-plan.csv, places.csv and assignments.csv; HASH is the one that was published before.
# It prints what differs, and ends with 1 where something does, else with 0. For the methods simple and blocks,
# orders as conditions among them; minimise and urn are replayed by Verbatim itself.
#
# How it is drawn: study/assignment/draws.py and docs/explanation/assignment.md, "The draws".

netstring <- function(part) {
  # A number in digits, never as 1e+05; a text in UTF-8, its length in bytes.
  text <- if (is.numeric(part)) sprintf("%.0f", part) else enc2utf8(as.character(part))
  paste0(nchar(text, "bytes"), ":", text, ",")
}

# A key's words without end: each call gives one, as its four parts of 16 bits, the highest first.
words_of <- function(...) {
  joined <- paste(vapply(list(...), netstring, ""), collapse = "")
  round <- 0
  waiting <- list()
  function() {
    if (!length(waiting)) {
      bytes <- charToRaw(enc2utf8(paste0(joined, netstring(round))))
      hex <- digest::digest(bytes, "sha256", serialize = FALSE)
      parts <- strtoi(substring(hex, seq(1, 61, 4), seq(4, 64, 4)), 16L)
      waiting <<- split(parts, rep(1:4, each = 4))
      round <<- round + 1
    }
    word <- waiting[[1]]
    waiting <<- waiting[-1]
    word
  }
}

# A number of any length modulo n, from its parts of 16 bits. All stays below 2^48, where doubles are exact.
modulo <- function(parts, n) Reduce(function(left, part) (left * 65536 + part) %% n, parts, 0)

# One of 0 to n - 1. The words from 2^64 - (2^64 mod n) on are passed over.
below <- function(n, next_word) {
  unfair <- modulo(c(1, 0, 0, 0, 0), n)
  repeat {
    word <- next_word()
    high <- word[1] * 65536 + word[2]
    low <- word[3] * 65536 + word[4]
    if (!(high == 2^32 - 1 && 2^32 - low <= unfair)) return(modulo(word, n))
  }
}

shuffled <- function(things, next_word) {
  for (last in rev(seq_along(things))[-length(things)]) {
    other <- below(last, next_word) + 1
    things[c(last, other)] <- things[c(other, last)]
  }
  things
}

# The conditions of one block of a stratum, in the order of their places.
block_of <- function(plan, seed, stratum, number) {
  once <- rep(names(plan$weights), plan$weights)
  if (plan$method == "simple") {
    once[below(length(once), words_of(seed, "simple", stratum, number)) + 1]
  } else {
    drawn <- below(length(plan$lengths), words_of(seed, "length", stratum, number)) + 1
    shuffled(rep(once, plan$lengths[drawn] / length(once)), words_of(seed, "block", stratum, number))
  }
}

read_table <- function(folder, name) {
  path <- file.path(folder, name)
  if (!file.exists(path)) stop("There is no ", name, " in ", folder, ".")
  table <- read.csv(path, colClasses = "character", na.strings = character(), encoding = "UTF-8", check.names = FALSE)
  # A byte order mark is no part of the first column's name.
  names(table)[1] <- sub("^\xef\xbb\xbf", "", names(table)[1], useBytes = TRUE)
  table
}

read_plan <- function(folder) {
  rows <- read_table(folder, "assignment-plan.csv")
  of <- function(what) rows$value[rows$what == what]
  weights <- as.numeric(rows$weight[rows$what == "condition"])
  list(
    method = of("method"), weights = setNames(weights, of("condition")), lengths = as.numeric(of("length")),
    strata = of("stratum"), target = if (length(of("target"))) as.numeric(of("target")) else Inf
  )
}

# "all:3:2" is place 2 of block 3 of stratum "all"; a stratum may have ":" in its name.
parts_of <- function(id) {
  found <- regmatches(id, regexec("^(.*):([1-9][0-9]*):([1-9][0-9]*)$", id))[[1]]
  if (length(found)) list(stratum = found[2], block = as.numeric(found[3]), seq = as.numeric(found[4]))
}

check_places <- function(plan, seed, places) {
  unlist(lapply(seq_len(nrow(places)), function(at) {
    one <- places[at, ]
    id <- paste(one$stratum, one$block, one$seq, sep = ":")
    if (one$place_id != id) return(paste0("Place ", one$place_id, " is ", id, "."))
    if (!one$stratum %in% plan$strata) return(paste0("Place ", id, " is on no list of the plan."))
    drawn <- block_of(plan, seed, one$stratum, as.numeric(one$block))[as.numeric(one$seq)]
    if (!identical(drawn, one$condition)) paste0("Place ", id, " is one of ", one$condition, "; the seed gives ", drawn, ".")
  }))
}

REASONS <- c("returned", "timed_out", "failed", "withdrew", "screened_out", "silent", "technical")
MAY_RESUME <- c("silent", "timed_out", "technical")

replay <- function(plan, seed, rows) {
  goals <- plan$weights * plan$target
  living <- plan$weights * 0
  seats <- new.env()
  inside <- character()
  opened <- setNames(vector("list", length(plan$strata)), plan$strata)
  last <- setNames(rep(list(c(1, 0)), length(plan$strata)), plan$strata)

  next_place <- function(stratum) {
    wanted <- names(goals)[living < goals]
    if (!length(wanted)) return(NULL)
    if (plan$method == "simple") wanted <- names(goals)
    left <- Filter(function(one) one$condition %in% wanted, opened[[stratum]])
    if (length(left)) {
      order <- order(vapply(left, `[[`, 0, "block"), vapply(left, `[[`, 0, "seq"))
      return(left[[order[1]]])
    }
    block <- last[[stratum]][1]
    seq <- last[[stratum]][2]
    repeat {
      drawn <- block_of(plan, seed, stratum, block)
      while (seq < length(drawn)) {
        seq <- seq + 1
        if (drawn[seq] %in% wanted) {
          return(list(
            id = paste(stratum, block, seq, sep = ":"), stratum = stratum, block = block, seq = seq,
            condition = drawn[seq], attempts = 0
          ))
        }
      }
      block <- block + 1
      seq <- 0
    }
  }

  take <- function(row, number) {
    parts <- parts_of(row$place_id)
    if (is.null(parts) || !parts$stratum %in% plan$strata) return(paste0(row$place_id, " is no place of the plan"))
    place <- next_place(parts$stratum)
    if (is.null(place)) return("there was no place to assign")
    if (row$participant_id != "" && row$participant_id %in% inside) return(paste0(row$participant_id, " has a place already"))
    place$attempts <- place$attempts + 1
    wrong <- c(
      if (row$place_id != place$id) paste0("its place is ", row$place_id, "; the seed gives ", place$id),
      if (row$condition != place$condition) paste0("its condition is ", row$condition, "; the seed gives ", place$condition),
      if (row$draw != "") "its place was drawn before, and it has a draw of its own",
      if (!grepl(paste0("\"attempt\": ?", place$attempts, "[,}]"), row$inputs)) paste0("it is attempt ", place$attempts, " at its place"),
      # A stratum with other characters is written with escapes; it is seen in the place's id.
      if (grepl("^[A-Za-z0-9_ -]*$", parts$stratum) && !grepl(paste0("\"stratum\": ?\"", parts$stratum, "\""), row$inputs)) {
        "its stratum is another"
      },
      if (row$reason != "") paste0(row$reason, " is no reason of assigned")
    )
    place$state <- "assigned"
    place$participant <- row$participant_id
    inside <<- c(inside, setdiff(row$participant_id, ""))
    seats[[place$id]] <- place
    keep <- vapply(opened[[place$stratum]], function(one) one$id != place$id, NA)
    opened[[place$stratum]] <<- opened[[place$stratum]][as.logical(keep)]
    if (place$attempts == 1) last[[place$stratum]] <<- c(place$block, place$seq)
    living[place$condition] <<- living[place$condition] + 1
    wrong
  }

  move <- function(row) {
    place <- seats[[row$place_id]]
    if (is.null(place)) return(paste0("nobody was assigned to ", row$place_id))
    if (row$condition != place$condition) return(paste0(row$place_id, " is one of ", place$condition))
    if (row$participant_id != "" && row$participant_id != place$participant) return(paste0(row$place_id, " is another's"))
    before <- switch(row$event,
      filled = c("assigned", "resumed"), opened = c("assigned", "resumed", "filled"), resumed = "opened", character()
    )
    if (!place$state %in% before) return(paste0(row$place_id, " is ", place$state, " and cannot be ", row$event))
    if (!row$reason %in% (if (row$event == "opened") REASONS else "")) return(paste0("no reason of ", row$event, ": ", row$reason))
    if (row$event == "resumed" && !place$reason %in% MAY_RESUME) return(paste0("nobody can come back to ", row$place_id))
    if (row$event == "resumed" && place$participant %in% inside) return(paste0(place$participant, " has a place already"))
    if (row$draw != "" || !row$inputs %in% c("", "{}")) return("something is drawn where nobody is assigned")
    place$state <- row$event
    place$reason <- row$reason
    seats[[place$id]] <- place
    if (row$event == "opened") {
      opened[[place$stratum]] <<- c(opened[[place$stratum]], list(place))
      living[place$condition] <<- living[place$condition] - 1
      inside <<- setdiff(inside, place$participant)
    } else if (row$event == "resumed") {
      keep <- vapply(opened[[place$stratum]], function(one) one$id != place$id, NA)
      opened[[place$stratum]] <<- opened[[place$stratum]][keep]
      living[place$condition] <<- living[place$condition] + 1
      inside <<- c(inside, setdiff(place$participant, ""))
    }
    NULL
  }

  unlist(lapply(seq_len(nrow(rows)), function(number) {
    row <- rows[number, ]
    wrong <- c(
      if (row$seq != as.character(number)) paste0("it is numbered ", row$seq),
      if (row$event == "assigned") take(row, number) else move(row)
    )
    if (length(wrong)) paste0("Row ", number, ": ", wrong, ".")
  }))
}

main <- function(arguments) {
  if (!length(arguments) %in% 2:3) stop("Write it like: Rscript replay.R FOLDER SEED [HASH]")
  plan <- read_plan(arguments[1])
  seed <- arguments[2]
  if (!plan$method %in% c("simple", "blocks")) stop("This replays simple and blocks, not ", plan$method, ".")
  places <- read_table(arguments[1], "places.csv")
  rows <- read_table(arguments[1], "assignments.csv")
  sealed <- digest::digest(charToRaw(enc2utf8(seed)), "sha256", serialize = FALSE)
  found <- c(
    if (length(arguments) == 3 && sealed != arguments[3]) "The seed is not the one whose hash was published.",
    check_places(plan, seed, places),
    replay(plan, seed, rows[order(as.numeric(rows$seq)), ])
  )
  writeLines(c(found, paste0(nrow(places), " places and ", nrow(rows), " rows replayed, ", length(found), " differences.")))
  quit(status = as.integer(length(found) > 0))
}

if (sys.nframe() == 0) main(commandArgs(trailingOnly = TRUE))
