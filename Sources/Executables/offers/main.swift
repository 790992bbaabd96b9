import Offers
import ServiceKit

await ServiceProcess.run("offers", migrations: OffersSchema.migrations) { environment in
    OffersProcess.parts(environment)
}
