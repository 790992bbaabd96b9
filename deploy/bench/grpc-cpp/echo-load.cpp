// Calls pass.rpc.v1.Echo/Unary in a closed loop with gRPC C++'s callback API over TLS.
//
//   echo-load CERTIFICATES PORT CONNECTIONS IN_FLIGHT BYTES SECONDS [SERVER_PID]
//
// Prints one line of JSON with the names that `rpc-bench client --json` uses.
#include <grpcpp/grpcpp.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "files.h"
#include "pass/rpc/v1/echo.grpc.pb.h"

namespace {

using Clock = std::chrono::steady_clock;
using pass::rpc::v1::EchoMessage;

Clock::time_point measure_from, measure_until;
std::atomic<int> under_way;
std::mutex ended;
std::condition_variable all_ended;

// One caller: sends its next call when the last is answered.
class Caller {
   public:
    Caller(pass::rpc::v1::Echo::Stub *stub, const EchoMessage *request)
        : stub_(stub), request_(request) {}

    void Call() {
        context_ = std::make_unique<grpc::ClientContext>();
        context_->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
        sent_ = Clock::now();
        stub_->async()->Unary(context_.get(), request_, &response_,
                              [this](grpc::Status status) { Answered(status); });
    }

    std::vector<double> latencies;

   private:
    void Answered(const grpc::Status &status) {
        const auto now = Clock::now();
        if (!status.ok() || response_.body().size() != request_->body().size()) {
            std::fprintf(stderr, "a call failed: %s\n", status.error_message().c_str());
            std::exit(1);
        }
        if (sent_ >= measure_from && now < measure_until)
            latencies.push_back(std::chrono::duration<double, std::micro>(now - sent_).count());
        if (now < measure_until) return Call();
        if (--under_way > 0) return;
        const std::lock_guard<std::mutex> lock(ended);
        all_ended.notify_one();
    }

    pass::rpc::v1::Echo::Stub *stub_;
    const EchoMessage *request_;
    EchoMessage response_;
    std::unique_ptr<grpc::ClientContext> context_;
    Clock::time_point sent_;
};

double ownCPUSeconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](timeval time) { return time.tv_sec + time.tv_usec / 1e6; };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double cpuSeconds(const std::string &process) {
    const std::string text = contents("/proc/" + process + "/stat");
    unsigned long user = 0, system = 0;
    std::sscanf(text.c_str() + text.rfind(')'),
                ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    return static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

int main(int count, char **arguments) {
    if (count < 7) {
        std::fprintf(stderr,
                     "usage: echo-load CERTIFICATES PORT CONNECTIONS IN_FLIGHT BYTES SECONDS [PID]\n");
        return 2;
    }
    const int connections = std::atoi(arguments[3]), in_flight = std::atoi(arguments[4]);
    const double seconds = std::atof(arguments[6]);
    const std::string server = count > 7 ? arguments[7] : "";
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = contents(std::string(arguments[1]) + "/ca.pem");
    EchoMessage request;
    request.set_body(std::string(static_cast<size_t>(std::atoi(arguments[5])), 'x'));
    std::vector<std::unique_ptr<pass::rpc::v1::Echo::Stub>> stubs;
    std::vector<std::unique_ptr<Caller>> callers;
    for (int index = 0; index < connections; index++) {
        grpc::ChannelArguments channel;
        channel.SetSslTargetNameOverride("localhost");
        // Else all channels to one address share one connection.
        channel.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
        stubs.push_back(pass::rpc::v1::Echo::NewStub(grpc::CreateCustomChannel(
            std::string("127.0.0.1:") + arguments[2], grpc::SslCredentials(options), channel)));
        for (int call = 0; call < in_flight; call++)
            callers.push_back(std::make_unique<Caller>(stubs.back().get(), &request));
    }
    under_way = static_cast<int>(callers.size());
    measure_from = Clock::now() + std::chrono::seconds(1);
    measure_until = measure_from + std::chrono::microseconds(static_cast<long>(seconds * 1e6));
    for (auto &caller : callers) caller->Call();
    std::this_thread::sleep_until(measure_from);
    const double own = ownCPUSeconds(), theirs = server.empty() ? 0 : cpuSeconds(server);
    std::this_thread::sleep_until(measure_until);
    const double own_used = ownCPUSeconds() - own;
    const double used = server.empty() ? 0 : cpuSeconds(server) - theirs;
    std::unique_lock<std::mutex> lock(ended);
    all_ended.wait(lock, [] { return under_way == 0; });
    std::vector<double> all;
    for (auto &caller : callers)
        all.insert(all.end(), caller->latencies.begin(), caller->latencies.end());
    if (all.empty()) return 1;
    std::sort(all.begin(), all.end());
    const auto calls = static_cast<double>(all.size());
    std::printf("{\"calls_per_second\":%.0f,\"p50_us\":%.2f,\"p99_us\":%.2f", calls / seconds,
                all[all.size() / 2], all[all.size() * 99 / 100]);
    std::printf(",\"client_cpu_us_per_call\":%.2f,\"client_cores\":%.2f", own_used * 1e6 / calls,
                own_used / seconds);
    if (!server.empty())
        std::printf(",\"server_cpu_us_per_call\":%.2f,\"server_cores\":%.2f", used * 1e6 / calls,
                    used / seconds);
    std::printf("}\n");
}
