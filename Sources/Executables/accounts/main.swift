import Accounts
import ServiceKit

await ServiceProcess.run("accounts", migrations: AccountsSchema.migrations) { environment in
    AccountsProcess.parts(environment)
}
