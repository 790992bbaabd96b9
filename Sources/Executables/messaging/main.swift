import Messaging
import ServiceKit

await ServiceProcess.run("messaging", migrations: MessagingSchema.migrations) { environment in
    MessagingProcess.parts(environment)
}
