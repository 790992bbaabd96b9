import Actions
import ServiceKit

await ServiceProcess.run(
    "actions",
    migrations: ActionsSchema.migrations,
    build: ActionsProcess.parts
)
