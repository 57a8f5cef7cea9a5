// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "Schools",
  dependencies: [.package(name: "Bayes", path: "../..")],
  targets: [
    .executableTarget(
      name: "Schools", dependencies: [.product(name: "Bayes", package: "Bayes")])
  ],
  swiftLanguageModes: [.v6]
)
