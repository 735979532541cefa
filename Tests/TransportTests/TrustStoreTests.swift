import Testing
import Transport

@Suite("Trusted certificates")
struct TrustStoreTests {
    @Test("come from the file that was chosen, readable or not, without a look elsewhere")
    func chosen() {
        let file = TrustStore.find(chosen: "/opt/own.pem") { path in
            Issue.record("\(path) was tried")
            return true
        }
        #expect(file == "/opt/own.pem")
    }

    @Test("come from the first known place that can be read", arguments: [nil, ""])
    func known(chosen: String?) {
        for (index, place) in TrustStore.places.enumerated() {
            var tried: [String] = []
            let file = TrustStore.find(chosen: chosen) { path in
                tried.append(path)
                return path == place
            }
            #expect(file == place)
            #expect(tried == Array(TrustStore.places[...index]))
        }
    }

    @Test("are left to libcurl where no place has any")
    func none() {
        #expect(TrustStore.find(chosen: nil) { _ in false } == nil)
    }

    @Test("are tried where Amazon Linux keeps them before all other places")
    func order() {
        #expect(TrustStore.places.first == "/etc/pki/tls/certs/ca-bundle.crt")
    }
}
