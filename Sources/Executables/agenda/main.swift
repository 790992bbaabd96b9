import Agenda
import ServiceKit

await ServiceProcess.run(
    "agenda",
    migrations: AgendaSchema.migrations,
    build: AgendaProcess.parts
)
