// Serves pass.rpc.v1.Echo/Unary with gRPC C++'s callback API over TLS.
//
//   echo-server CERTIFICATES [PORT]
//
// CERTIFICATES is the directory of `deploy/certs DIR bench`. Prints its port once it listens.
// Certificates of clients are not asked for: h2load has none to show, and calls do not differ.
// Ends after an hour, so that none is left running.
#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "files.h"
#include "pass/rpc/v1/echo.grpc.pb.h"

namespace {

class Echo final : public pass::rpc::v1::Echo::CallbackService {
    grpc::ServerUnaryReactor *Unary(grpc::CallbackServerContext *context,
                                    const pass::rpc::v1::EchoMessage *request,
                                    pass::rpc::v1::EchoMessage *response) override {
        *response = *request;
        auto *reactor = context->DefaultReactor();
        reactor->Finish(grpc::Status::OK);
        return reactor;
    }
};

}  // namespace

int main(int count, char **arguments) {
    if (count < 2) {
        std::fprintf(stderr, "usage: echo-server CERTIFICATES [PORT]\n");
        return 2;
    }
    alarm(3600);
    const std::string directory = arguments[1];
    grpc::SslServerCredentialsOptions options(GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
    options.pem_key_cert_pairs.push_back(
        {contents(directory + "/bench.key"), contents(directory + "/bench.pem")});
    Echo echo;
    int port = count > 2 ? std::atoi(arguments[2]) : 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:" + std::to_string(port), grpc::SslServerCredentials(options),
                             &port);
    builder.RegisterService(&echo);
    const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
    if (!server) return 1;
    std::printf("%d\n", port);
    std::fflush(stdout);
    server->Wait();
}
