// What SQLite itself does with messaging's rows: no network, no encoding, no rules, one thread.
//
//   store DATABASE send SECONDS PER_COMMIT   messages a second, so many sharing each commit
//   store DATABASE list SECONDS              pages of 20 messages a second
//   store DATABASE fill COUNT                nothing measured: so many messages in each conversation
//
// DATABASE is a copy of messaging's own, with its tables, people and settings. `send` writes every
// row that a message of a young person makes: the message, its conversation's end, the counsellor's
// notice and its number, and two entries of the change feed. It prints one line of JSON.
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static sqlite3 *db;

static void fail(const char *what) {
  fprintf(stderr, "store: %s: %s\n", what, db ? sqlite3_errmsg(db) : "");
  exit(1);
}

static void run(const char *sql) {
  if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) fail(sql);
}

static sqlite3_stmt *prepare(const char *sql) {
  sqlite3_stmt *statement;
  if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK)
    fail(sql);
  return statement;
}

static void text(sqlite3_stmt *statement, int place, const char *value) {
  sqlite3_bind_text(statement, place, value, -1, SQLITE_STATIC);
}

// Runs a statement that answers no row.
static void finish(sqlite3_stmt *statement) {
  if (sqlite3_step(statement) != SQLITE_DONE) fail(sqlite3_sql(statement));
  sqlite3_reset(statement);
}

// Runs a statement that answers one number.
static sqlite3_int64 number(sqlite3_stmt *statement) {
  if (sqlite3_step(statement) != SQLITE_ROW) fail(sqlite3_sql(statement));
  sqlite3_int64 value = sqlite3_column_int64(statement, 0);
  if (sqlite3_step(statement) != SQLITE_DONE) fail(sqlite3_sql(statement));
  sqlite3_reset(statement);
  return value;
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

static uint64_t state = 88172645463325252u;

static uint64_t draw(void) {
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}

typedef struct {
  char id[37], counsellor[37];
} Person;

static Person *people;
static size_t peopleCount;

static void readPeople(void) {
  sqlite3_stmt *statement = prepare("SELECT id, counsellor_id FROM caseload_young_person");
  size_t room = 0;
  while (sqlite3_step(statement) == SQLITE_ROW) {
    if (peopleCount == room) {
      room = room ? 2 * room : 1024;
      people = realloc(people, room * sizeof *people);
      if (!people) fail("memory");
    }
    Person *person = &people[peopleCount++];
    snprintf(person->id, sizeof person->id, "%s", (const char *)sqlite3_column_text(statement, 0));
    snprintf(person->counsellor, sizeof person->counsellor, "%s",
             (const char *)sqlite3_column_text(statement, 1));
  }
  sqlite3_finalize(statement);
  if (!peopleCount) fail("the database knows nobody");
}

// As many bytes as the words of a load test have on average.
static const char words[] =
    "dossier atelier mission conseil rendez formation emploi stage projet demain lettre semaine "
    "entretien logement permis metier bonjour merci agence contrat reponse offre";

typedef struct {
  sqlite3_stmt *conversation, *message, *change, *mailbox, *notice;
} Send;

static void append(const Send *send, sqlite3_int64 now, const char *kind, const char *person,
                   const char *counsellor, int bytes) {
  static const char body[256];
  sqlite3_bind_int64(send->change, 1, now);
  text(send->change, 2, kind);
  text(send->change, 3, person);
  text(send->change, 4, counsellor);
  sqlite3_bind_blob(send->change, 5, body, bytes, SQLITE_STATIC);
  finish(send->change);
}

static void sendOne(const Send *send, const Person *person, sqlite3_int64 now) {
  char id[37];
  uint64_t low = draw();
  // A UUID of version 7, rising with time like those of clients.
  snprintf(id, sizeof id, "%08x-%04x-7%03x-8%03x-%012llx", (unsigned)(now >> 16),
           (unsigned)(now & 0xffff), (unsigned)(draw() & 0xfff), (unsigned)(draw() & 0xfff),
           (unsigned long long)(low & 0xffffffffffff));
  text(send->conversation, 1, person->id);
  sqlite3_bind_int64(send->conversation, 2, now);
  sqlite3_int64 place = number(send->conversation);
  text(send->message, 1, person->id);
  sqlite3_bind_int64(send->message, 2, place);
  text(send->message, 3, id);
  text(send->message, 4, person->id);
  text(send->message, 5, words);
  sqlite3_bind_int64(send->message, 6, now);
  sqlite3_bind_int64(send->message, 7, place);
  finish(send->message);
  append(send, now, "passemploi.messaging.v1.MessageSent", person->id, person->counsellor, 54);
  sqlite3_int64 change = sqlite3_last_insert_rowid(db);
  text(send->mailbox, 1, person->counsellor);
  sqlite3_int64 notice = number(send->mailbox);
  text(send->notice, 1, person->counsellor);
  sqlite3_bind_int64(send->notice, 2, notice);
  sqlite3_bind_int64(send->notice, 3, now);
  text(send->notice, 4, id);
  text(send->notice, 5, person->id);
  sqlite3_bind_int64(send->notice, 6, place);
  sqlite3_bind_int64(send->notice, 7, change);
  finish(send->notice);
  append(send, now, "passemploi.messaging.v1.NoticeAdded", "", person->counsellor, 170);
}

static sqlite3_int64 wallMs(void) {
  struct timespec wall;
  clock_gettime(CLOCK_REALTIME, &wall);
  return wall.tv_sec * 1000LL + wall.tv_nsec / 1000000;
}

static Send prepareSend(void) {
  Send send = {
      prepare("INSERT INTO conversation (young_person_id, last_sequence, last_sent_ms, "
              "young_person_count) VALUES (?, 1, ?, 1) ON CONFLICT (young_person_id) DO UPDATE SET "
              "last_sequence = conversation.last_sequence + 1, last_sent_ms = "
              "excluded.last_sent_ms, young_person_count = conversation.young_person_count + 1 "
              "RETURNING last_sequence"),
      prepare("INSERT INTO message (young_person_id, sequence, id, side, sender_id, text, sent_ms, "
              "young_person_count) VALUES (?, ?, ?, 1, ?, ?, ?, ?)"),
      prepare("INSERT INTO change (time_ms, kind, young_person_id, counsellor_id, body) "
              "VALUES (?, ?, ?, ?, ?)"),
      prepare("INSERT INTO mailbox (person_id, last_sequence) VALUES (?, 1) ON CONFLICT "
              "(person_id) DO UPDATE SET last_sequence = mailbox.last_sequence + 1 "
              "RETURNING last_sequence"),
      prepare("INSERT INTO notice (person_id, sequence, kind, time_ms, subject_id, "
              "young_person_id, message_sequence, text, source, source_sequence) "
              "VALUES (?, ?, 1, ?, ?, ?, ?, 'Nouveau message de Camille Martin', 'messaging', ?)"),
  };
  return send;
}

// Bytes that this process has written, to the log and from it to the database.
static double written(void) {
  FILE *file = fopen("/proc/self/io", "r");
  char line[128];
  double bytes = 0;
  while (file && fgets(line, sizeof line, file)) sscanf(line, "wchar: %lf", &bytes);
  if (file) fclose(file);
  return bytes;
}

static void sendAll(double duration, int perCommit) {
  Send send = prepareSend();
  sqlite3_stmt *begin = prepare("BEGIN IMMEDIATE"), *commit = prepare("COMMIT");
  long messages = 0, commits = 0;
  double start = seconds(), now;
  while ((now = seconds()) - start < duration) {
    finish(begin);
    for (int i = 0; i < perCommit; i++) sendOne(&send, &people[draw() % peopleCount], wallMs());
    finish(commit);
    messages += perCommit;
    commits++;
  }
  printf("{\"rate\": %.1f, \"commits\": %.1f, \"kib\": %.1f}\n", messages / (now - start),
         commits / (now - start), written() / messages / 1024);
}

static void fill(int count) {
  Send send = prepareSend();
  // As in life, one conversation's messages lie between those of others.
  for (int i = 0; i < count; i++) {
    run("BEGIN IMMEDIATE");
    for (size_t person = 0; person < peopleCount; person++)
      sendOne(&send, &people[person], wallMs());
    run("COMMIT");
  }
}

static void list(double duration) {
  sqlite3_stmt *page = prepare(
      "SELECT id, young_person_id, sequence, side, sender_id, text, sent_ms FROM message "
      "WHERE young_person_id = ? AND sequence < ? ORDER BY sequence DESC LIMIT 20");
  long pages = 0, messages = 0;
  volatile size_t bytes = 0;
  double start = seconds(), now;
  while ((now = seconds()) - start < duration) {
    text(page, 1, people[draw() % peopleCount].id);
    sqlite3_bind_int64(page, 2, INT64_MAX);
    while (sqlite3_step(page) == SQLITE_ROW) {
      for (int column = 0; column < 7; column++)
        bytes += strlen((const char *)sqlite3_column_text(page, column));
      messages++;
    }
    sqlite3_reset(page);
    pages++;
  }
  printf("{\"rate\": %.1f, \"rows\": %.1f}\n", pages / (now - start), (double)messages / pages);
}

int main(int count, char **arguments) {
  int isSend = count == 5 && !strcmp(arguments[2], "send");
  int isList = count == 4 && !strcmp(arguments[2], "list");
  int isFill = count == 4 && !strcmp(arguments[2], "fill");
  if (!isSend && !isList && !isFill) {
    fprintf(stderr, "store DATABASE send SECONDS PER_COMMIT | list SECONDS | fill COUNT\n");
    return 2;
  }
  if (sqlite3_open_v2(arguments[1], &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL))
    fail(arguments[1]);
  // The settings of the services.
  run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
      "PRAGMA wal_autocheckpoint = 4096; PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY");
  readPeople();
  if (isSend) sendAll(atof(arguments[3]), atoi(arguments[4]));
  if (isList) list(atof(arguments[3]));
  if (isFill) fill(atoi(arguments[3]));
  // Closed in good order, so that no log is left beside the file.
  sqlite3_stmt *left;
  while ((left = sqlite3_next_stmt(db, NULL))) sqlite3_finalize(left);
  if (sqlite3_close(db) != SQLITE_OK) fail("close");
  return 0;
}
